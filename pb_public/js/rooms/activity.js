// What happened on the item, newest first; the long tail is folded.

import { html } from '../html.js';
import { Time } from '../parts/small.js';

/** @import {ItemPage} from '../types.js' */

const SHOWN = 8;

/** @param {{page: ItemPage}} props */
export function Activity({ page }) {
  const lines = [...page.activity].sort((a, b) => (a.created < b.created ? 1 : -1));
  if (!lines.length) return null;
  const line = (/** @type {ItemPage['activity'][0]} */ a) => html`<li class="line" key=${a.id}><${Time} at=${a.created} /><span>${a.text}</span></li>`;
  return html`
    <section class="section" aria-label="Activity">
      <header class="section-head row"><h2>Activity</h2></header>
      <ul class="log">${lines.slice(0, SHOWN).map(line)}</ul>
      ${lines.length > SHOWN && html`<details class="more"><summary>${lines.length - SHOWN} earlier</summary><ul class="log">${lines.slice(SHOWN).map(line)}</ul></details>`}
    </section>`;
}
