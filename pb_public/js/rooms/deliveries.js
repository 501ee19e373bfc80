// How far a message got: one line, and step by step, person by person, when opened.

import { html } from '../html.js';
import { Time } from '../parts/small.js';
import { delivery, deliveries, nameOf, step } from '../words.js';

/** @import {Delivery, Participant} from '../types.js' */

/** @param {{list: Delivery[], people: Participant[]}} props */
export function Deliveries({ list, people }) {
  const { text, tone } = deliveries(list, people);
  if (!text) return null;
  return html`
    <details class="deliveries">
      <summary class=${tone}>${text}</summary>
      <ul>${list.map((d) => html`
        <li key=${d.id}><b>${nameOf(d.participant, people)}</b> <span class=${d.state}>${delivery(d)}</span><${Steps} d=${d} /></li>`)}</ul>
    </details>`;
}

/** @param {{d: Delivery}} props */
function Steps({ d }) {
  const steps = d.timeline?.length ? d.timeline : [{ at: d.updated, state: d.state, who: d.remote, said: d.response }];
  return html`<ol class="steps">${steps.map((s, i) => html`
    <li key=${i}><${Time} at=${s.at} /><span>${step(s)}${s.said && html`<q class="response">${s.said}</q>`}</span></li>`)}</ol>`;
}
