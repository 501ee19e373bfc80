// Every dialog by its name, so that a key, a button and an answer of the server open the same one.

import { html } from '../html.js';
import { hide, pick } from '../state.js';
import { Confirm } from './confirm.js';
import { Help } from './help.js';
import { MenuDialog } from './menu.js';
import { NewItem } from './new-item.js';
import { Notices } from './notices.js';
import { ParticipantDialog } from './participant.js';
import { PickConversation } from './pick-conversation.js';
import { PreviewReply } from './preview-reply.js';
import { TraceDialog } from './trace.js';
import { URLDialog } from './url.js';

/** @type {Record<string, any>} */
const KINDS = {
  confirm: Confirm, help: Help, menu: MenuDialog, newItem: NewItem, notices: Notices, participant: ParticipantDialog,
  pick: PickConversation, preview: PreviewReply, trace: TraceDialog, url: URLDialog,
};

const dialog = pick((s) => s.dialog);

export function Dialogs() {
  const now = dialog.value;
  if (!now) return null;
  return html`<${KINDS[now.name]} key=${now.name} ...${now.props} close=${hide} />`;
}
