// A follow-up as they will get it.

import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Exactly } from './exactly.js';

/** @param {{conversation: string, body: string, names: string, close: () => void}} props */
export const PreviewReply = ({ conversation, body, names, close }) => html`
  <${Dialog} title="What they will get" kind="broad" onClose=${close}><${Exactly} reply=${{ conversation, body }} names=${names} /><//>`;
