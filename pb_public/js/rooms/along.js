// What goes with a message besides its words: the context that was disclosed, the warnings, the people it names.

import { addPeople } from '../actions/sides.js';
import { html } from '../html.js';
import { ask, toast } from '../state.js';
import { suggested } from '../words.js';

/** @import {Conversation, SideMessage} from '../types.js' */

/** What the outsiders were told about the customer, kept with the message as it was sent. @param {{m: SideMessage}} props */
export function Context({ m }) {
  const c = m.context;
  if (!c) return null;
  const who = [c.submitterName, c.submitterEmail].filter(Boolean).join(', ');
  return html`<details class="more"><summary>What they were told about the customer</summary>
    <div class="quoted"><p>#${c.number} · ${c.status}${who ? ` · ${who}` : ' · without name and email'}</p><p dir="auto">“${c.excerpt}”</p></div></details>`;
}

/** Mail grants nothing by itself: people it names are offered, and an agent adds them. @param {{m: SideMessage, c: Conversation, may: boolean}} props */
export function Warnings({ m, c, may }) {
  const people = suggested(m, c);
  const rest = m.warnings.filter((w) => !people.some((p) => w.includes(p)));
  const add = async (/** @type {string} */ email) => {
    const text = `${email} gets a link and sees the whole conversation. A letter named this address; nothing else vouches for it.`;
    if (!(await ask({ title: 'Add this address?', text, yes: `Add ${email}` }))) return;
    const fault = await addPeople(c.id, [{ name: '', email }]);
    if (fault) toast(fault, { tone: 'bad' });
  };
  return html`
    ${rest.length > 0 && html`<ul class="warnings">${rest.map((w) => html`<li key=${w}><span aria-hidden="true">!</span> ${w}</li>`)}</ul>`}
    ${people.length > 0 && html`<ul class="warnings named">${people.map((p) => html`
      <li key=${p} class="row wrap tight"><span>Also addressed to ${p}, who is not on this conversation.</span>
        ${may && c.status === 'open' && html`<button type="button" class="quiet small" onClick=${() => add(p)}>Add ${p}</button>`}</li>`)}</ul>`}`;
}
