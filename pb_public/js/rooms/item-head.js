// Number, status, category, who looks after it; the first line of what the customer wrote.

import { assign, follow, setStatus } from '../actions/items.js';
import { html } from '../html.js';
import { Select } from '../parts/select.js';
import { Key, Pill } from '../parts/small.js';
import { format } from '../route.js';
import { app, go, pick } from '../state.js';
import { writes } from '../store.js';
import { category, STATUS, status } from '../words.js';
import { statusTone } from './row.js';

/** @import {ItemPage, ItemStatus} from '../types.js' */

const me = pick((s) => s.me?.id ?? '');

/** The first line, or as much of it as a title can bear. @param {string} message */
export function title(message) {
  const line = message.trim().split('\n')[0];
  return line.length > 140 ? `${line.slice(0, 139).trimEnd()}…` : line || 'No words';
}

/** One step back: from the full page to the list's panel, from the panel to the list. */
export function back() {
  const { route: r, page } = app.value;
  if (r.room === 'item' && page) return go({ project: page.project.id, view: r.view, item: page.item.id });
  go({ ...r, item: '', conversation: '' });
}

/** @param {{page: ItemPage, full?: boolean}} props */
export function ItemHead({ page, full }) {
  const { item, project } = page;
  const may = writes(project.role);
  return html`
    <header class="panel-head">
      <div class="row wrap">
        <button type="button" class="quiet small back" onClick=${back} aria-label=${full ? 'Back to the list' : 'Close this item'}>${full ? '← List' : '✕'}</button>
        <small>#${item.number}</small>
        ${may ? html`<${Select} label="Status" kind="status" tone=${statusTone(item.status)} value=${item.status} options=${Object.entries(STATUS)}
            onPick=${(/** @type {ItemStatus} */ s) => setStatus(s)} />`
          : html`<${Pill} dot tone=${statusTone(item.status)}>${status(item.status)}<//>`}
        ${item.category && html`<${Pill}>${category(item.category)}<//>`}
        <span class="grow"></span>
        <${Follow} page=${page} />
        <${Assignee} page=${page} />
        ${!full && html`<a class="button quiet small wide-only" href=${format({ room: 'item', item: item.id })} title="The whole page">Open <${Key}>⏎<//></a>`}
      </div>
      <h1 dir="auto">${title(item.message)}</h1>
    </header>`;
}

/** @param {{page: ItemPage}} props */
function Follow({ page }) {
  const on = page.item.followers.includes(me.value);
  if (!writes(page.project.role)) return null;
  return html`<button type="button" class="quiet small" aria-pressed=${on} onClick=${() => follow(me.value, !on)}
    title=${on ? 'You are told of answers on this item' : 'Be told of answers on this item'}>${on ? 'Following' : 'Follow'}</button>`;
}

/** @param {{page: ItemPage}} props */
function Assignee({ page }) {
  const { item, team, project } = page;
  if (!writes(project.role)) return item.assigneeName && html`<small>${item.assigneeName}</small>`;
  /** @type {[string, string][]} */
  const people = team.filter((t) => writes(t.role)).map((t) => [t.id, t.id === me.value ? `${t.name} (me)` : t.name]);
  return html`<span class="row tight"><${Select} label="Looked after by" kind="assignee" value=${item.assignee}
    options=${[['', 'Nobody yet'], ...people]} onPick=${assign} /><${Key}>E<//></span>`;
}

