// Subject, state, people; copying the URL, closing and reopening.

import { useState } from 'preact/hooks';
import { closeConversation } from '../actions/items.js';
import { addPeople, copyURL } from '../actions/sides.js';
import { html } from '../html.js';
import { add as addTo } from '../addresses.js';
import { Pill } from '../parts/small.js';
import { ToField } from '../parts/to-field.js';
import { change, show } from '../state.js';
import { toggled, writes } from '../store.js';
import { State } from './conversation.js';

/** @import {Conversation, ItemPage, Participant, Person} from '../types.js' */

/** @param {{c: Conversation, page: ItemPage}} props */
export function ConversationHead({ c, page }) {
  const may = writes(page.project.role);
  const [adding, setAdding] = useState(false);
  return html`
    <header class="conversation-head">
      <div class="row wrap">
        <button type="button" class="subject grow" aria-expanded="true" onClick=${() => change(toggled, c.id, false)} title="Fold"><b dir="auto">${c.subject}</b></button>
        <${State} c=${c} />
        <span class="row tight wrap">
          ${may && html`<button type="button" class="quiet small" onClick=${() => copyURL(c.id)}>Copy conversation URL</button>`}
          ${may && (c.status === 'open'
            ? html`<button type="button" class="quiet small" onClick=${() => closeConversation(c.id)}>Close</button>`
            : html`<button type="button" class="small" onClick=${() => closeConversation(c.id, 'open')}>Reopen</button>`)}
        </span>
      </div>
      <div class="row wrap tight people">
        ${c.participants.filter((p) => p.state !== 'removed').map((p) => html`<${Who} key=${p.id} p=${p} c=${c} may=${may} />`)}
        ${may && c.status === 'open' && !adding && html`<button type="button" class="quiet small" onClick=${() => setAdding(true)}>+ Add</button>`}
      </div>
      ${adding && html`<${Add} c=${c} page=${page} done=${() => setAdding(false)} />`}
    </header>`;
}

/** @param {{p: Participant, c: Conversation, may: boolean}} props */
function Who({ p, c, may }) {
  const text = p.name && p.name !== p.email ? `${p.name} · ${p.email}` : p.email;
  const tone = p.state === 'bounced' ? 'bad' : '';
  const words = html`<span class="cut">${text}</span>${p.state === 'bounced' && html`<span> · mail comes back</span>`}`;
  if (!may) return html`<${Pill} tone=${tone}>${words}<//>`;
  return html`<button type="button" class=${`pill ${tone}`} aria-haspopup="dialog" title="Renew the link, remove"
    onClick=${() => show('participant', { conversation: c.id, subject: c.subject, p })}>${words}</button>`;
}

/** @param {{c: Conversation, page: ItemPage, done: () => void}} props */
function Add({ c, page, done }) {
  const [to, setTo] = useState(/** @type {Person[]} */ ([]));
  const [error, setError] = useState('');
  const submit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (!to.length) return setError('Write an address and press Enter.');
    const fault = await addPeople(c.id, to);
    if (fault) setError(fault);
    else done();
  };
  const keys = (/** @type {KeyboardEvent} */ e) => e.key === 'Escape' && (e.stopPropagation(), done());
  return html`
    <form class="add-people" onSubmit=${submit} onKeyDown=${keys}>
      <${ToField} label="Add" to=${to} project=${page.project.id} error=${error} focus
        onChange=${(/** @type {Person[]} */ next) => (setTo(addTo([], next)), setError(''))} />
      <div class="row"><button class="main small">Add to this conversation</button><button type="button" class="quiet small" onClick=${done}>Cancel</button>
        <small>they get a link of their own and see the whole conversation</small></div>
    </form>`;
}
