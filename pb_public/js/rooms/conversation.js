// One side conversation: a line when folded; its people, messages and reply form when open.

import { send } from '../actions/send.js';
import { html } from '../html.js';
import { Composer } from '../parts/composer.js';
import { Pendings } from '../parts/pending.js';
import { Pill, Time } from '../parts/small.js';
import { change, show } from '../state.js';
import { toggled, writes } from '../store.js';
import { audience, automatic, waiting } from '../words.js';
import { ConversationHead } from './conversation-head.js';
import { Message } from './message.js';

/** @import {Conversation as Conv, ItemPage} from '../types.js' */

/** @param {string} conversation */
export const replyDraft = (conversation) => `reply:${conversation}`;

/** @param {{c: Conv, page: ItemPage, open: boolean, fresh: boolean}} props */
export function Conversation({ c, page, open, fresh }) {
  return html`
    <section class=${`card rail outside conversation ${open ? 'open' : ''} ${c.status}`} aria-label=${`Side conversation: ${c.subject}`}>
      ${open ? html`<${Open} c=${c} page=${page} fresh=${fresh} />` : html`<${Folded} c=${c} fresh=${fresh} />`}
    </section>`;
}

/** @param {{c: Conv, fresh: boolean}} props */
function Folded({ c, fresh }) {
  return html`
    <button type="button" class="folded" aria-expanded="false" onClick=${() => change(toggled, c.id, true)}>
      <b class="cut">${c.subject}</b>
      <small class="grow cut">${c.snippetBy && `${c.snippetBy}: `}${c.snippet}</small>
      ${fresh && html`<${Pill} tone="outside">new<//>`}
      ${waiting(c) && html`<${Pill}>${waiting(c)}<//>`}
      ${!waiting(c) && html`<${Time} at=${c.lastMessage} list />`}
      <${State} c=${c} />
    </button>`;
}

/** @param {{c: Conv}} props */
export const State = ({ c }) => html`<${Pill} dot tone=${c.status === 'open' ? 'outside' : ''}>${c.status === 'open' ? 'Open' : 'Closed'}<//>`;

/** @param {{c: Conv, page: ItemPage, fresh: boolean}} props */
function Open({ c, page, fresh }) {
  const draft = replyDraft(c.id);
  const names = audience(c.participants);
  const may = writes(page.project.role);
  const last = c.messages.findLastIndex((m) => m.direction === 'in' && !automatic(m));
  return html`
    <${ConversationHead} c=${c} page=${page} />
    ${c.messages.map((m, i) => html`<${Message} key=${m.id} m=${m} c=${c} page=${page} fresh=${fresh && i === last} />`)}
    <${Pendings} kind="reply" thread=${c.id} draft=${draft} />
    ${may && c.status === 'open' && names && html`<${Composer} draft=${draft} audience="outside" placeholder=${`Reply to ${names}…`} button=${`Send to ${names}`}
      hint="goes by email, outside your team" keyHint="R" onSend=${(/** @type {string} */ b, /** @type {File[]} */ f) => send('reply', c.id, b, f)}
      onPreview=${(/** @type {string} */ body) => show('preview', { conversation: c.id, body, names })} />`}
    ${may && c.status === 'open' && !names && html`<p class="composer-off">Everyone was removed. Add someone to write again.</p>`}
    ${c.status === 'closed' && html`<p class="composer-off">Closed. A late answer is kept, and reopens it when its sender is verified.</p>`}`;
}
