// How far a message got: one line, and step by step, person by person, when opened.

import { html } from '../html.js';
import { Time } from '../parts/small.js';
import { delivery, deliveries, nameOf, step } from '../words.js';

/** @import {Conversation, Delivery, SideMessage} from '../types.js' */

/** @param {{m: SideMessage, c: Conversation}} props */
export function Deliveries({ m, c }) {
  const { text, tone } = deliveries(m.deliveries, c.participants);
  if (!text) return null;
  return html`
    <details class="deliveries">
      <summary class=${tone}>${text}</summary>
      <ul>${m.deliveries.map((d) => html`
        <li key=${d.id}><b>${nameOf(d.participant, c.participants)}</b> <span class=${d.state}>${delivery(d)}</span><${Steps} d=${d} /></li>`)}</ul>
    </details>`;
}

/** @param {{d: Delivery}} props */
function Steps({ d }) {
  const steps = d.timeline?.length ? d.timeline : [{ at: d.updated, state: d.state, who: d.remote, said: d.response }];
  return html`<ol class="steps">${steps.map((s, i) => html`
    <li key=${i}><${Time} at=${s.at} /><span>${step(s.state)}${s.who ? ` · ${s.who}` : ''}${s.said && html`<q class="response">${s.said}</q>`}</span></li>`)}</ol>`;
}
