// How far a message got: one line, and who by who when opened.

import { html } from '../html.js';
import { Time } from '../parts/small.js';
import { count, delivery, deliveries, nameOf } from '../words.js';

/** @import {Conversation, SideMessage} from '../types.js' */

/** @param {{m: SideMessage, c: Conversation}} props */
export function Deliveries({ m, c }) {
  const { text, tone } = deliveries(m.deliveries, c.participants);
  if (!text) return null;
  return html`
    <details class="deliveries">
      <summary class=${tone}>${text}</summary>
      <ul>${m.deliveries.map((d) => html`
        <li key=${d.id}>
          <b>${nameOf(d.participant, c.participants)}</b> <span class=${d.state}>${delivery(d)}</span>
          ${d.attempts > 1 && html`<small> after ${count(d.attempts, 'attempt')}</small>`}
          ${d.response && html`<q class="response">${d.response}</q>`}
          <small class="block">written <${Time} at=${m.created} />, last word <${Time} at=${d.updated} /></small>
        </li>`)}</ul>
    </details>`;
}
