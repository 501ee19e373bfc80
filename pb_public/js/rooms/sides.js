// Side conversations of an item. Violet: these words leave the team, and never reach the customer.

import { html } from '../html.js';
import { Empty, Key } from '../parts/small.js';
import { pick, set } from '../state.js';
import { writes } from '../store.js';
import { Compose } from './compose.js';
import { Conversation } from './conversation.js';

/** @import {ItemPage} from '../types.js' */

const composing = pick((s) => s.composing);
const open = pick((s) => s.open);
const fresh = pick((s) => s.fresh);

/** The newest stands under New; the order never changes under the hand. @param {{page: ItemPage}} props */
export function Sides({ page }) {
  const { conversations, project } = page;
  const may = writes(project.role);
  return html`
    <section class="section sides" aria-label="Side conversations">
      <header class="section-head row wrap"><h2>Side conversations</h2><small class="cut">private, by email · the customer never sees these</small>
        <span class="grow"></span>
        ${may && !composing.value && html`<button type="button" onClick=${() => set({ composing: true })}>New <${Key}>C<//></button>`}</header>
      ${composing.value && may && html`<${Compose} page=${page} />`}
      ${!conversations.length && !composing.value && html`<div class="card rail outside"><${Empty}>${may
        ? 'Need something from a vendor or contractor? Press New to ask them by email, without the customer noticing.'
        : 'None yet.'}<//></div>`}
      ${[...conversations].reverse().map((c) => html`<${Conversation} key=${c.id} c=${c} page=${page} open=${open.value[c.id] ?? false} fresh=${fresh.value.includes(c.id)} />`)}
    </section>`;
}
