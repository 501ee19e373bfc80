// One item, read from top to bottom like the story: customer thread, notes, side conversations, activity.
// The same component beside the list and on its own page.

import { html } from '../html.js';
import { Bones, Notice } from '../parts/small.js';
import { openItem } from '../actions/items.js';
import { pick } from '../state.js';
import { Activity } from './activity.js';
import { CustomerThread } from './customer-thread.js';
import { ItemHead } from './item-head.js';
import { Notes } from './notes.js';
import { Sides } from './sides.js';

const shown = pick((s) => s.page);
const state = pick((s) => [s.pageId, s.pageLoading, s.pageError].join('\n'));

/** @param {{full?: boolean}} props */
export function Item({ full }) {
  const page = shown.value;
  const [id, , error] = state.value.split('\n');
  const kind = `panel ${full ? 'full' : ''}`;
  if (!page) {
    return html`<article class=${kind} aria-busy=${error ? undefined : 'true'} aria-label="Feedback item">
      <div class="story">${error
        ? html`<${Notice} tone="bad" role="alert" actions=${html`<button type="button" class="small" onClick=${() => openItem(id)}>Try again</button>`}>${error}<//>`
        : html`<${Bones} lines=${12} />`}</div></article>`;
  }
  return html`
    <article class=${kind} aria-label=${`Feedback item ${page.item.number}`} key=${page.item.id}>
      <${ItemHead} page=${page} full=${full} />
      <div class="story">
        ${error && html`<${Notice} tone="bad" role="alert">${error}<//>`}
        <${CustomerThread} page=${page} />
        <${Notes} page=${page} />
        ${page.project.sideConversations && html`<${Sides} page=${page} />`}
        <${Activity} page=${page} />
      </div>
    </article>`;
}
