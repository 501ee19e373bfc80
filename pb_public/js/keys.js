// The keyboard. One letter, outside of fields and dialogs; Escape goes one step back.

import { closeConversation } from './actions/items.js';
import { write } from './parts/composer.js';
import { app, go, here, set, show } from './state.js';
import { neighbour, writes } from './store.js';

/** Every key and what it does, for the page that shows them. @type {[string, string][]} */
export const KEYS = [
  ['J', 'Next item'], ['K', 'Item before'], ['⏎', 'Open the item on its full page'], ['/', 'Search'],
  ['C', 'New side conversation'], ['R', 'Reply in the open side conversation'], ['A', 'Answer the customer'], ['M', 'Add a note for the team'],
  ['E', 'Who looks after it'], ['S', 'Status'], ['X', 'Close the open side conversation'], ['N', 'New feedback item'],
  ['G', 'Notifications'], ['Ctrl ⏎', 'Send what you are writing'], ['?', 'This page'], ['Esc', 'One step back'],
];

const may = () => writes(app.value.page?.project.role);
const focus = (/** @type {string} */ selector) => {
  const el = /** @type {HTMLElement|null} */ (document.querySelector(selector));
  el?.focus();
  return el;
};

/** The latest conversation that is open to writing and unfolded. */
function current() {
  const { page, open } = app.value;
  return page?.conversations.find((c) => c.status === 'open' && open[c.id]);
}

/** @param {1|-1} by */
function step(by) {
  const r = app.value.route;
  const item = neighbour(app.value, by);
  if (!item || r.room !== 'list') return;
  go({ ...r, project: here.value?.id ?? '', item }, { replace: Boolean(r.item) });
  requestAnimationFrame(() => focus(`[data-item="${item}"]`)?.scrollIntoView({ block: 'nearest' }));
}

function compose() {
  if (!may() || !app.value.page?.project.sideConversations) return;
  set({ composing: true });
  requestAnimationFrame(() => focus('[data-to]'));
}

/** @type {Record<string, () => void>} */
const DOES = {
  j: () => step(1),
  k: () => step(-1),
  '/': () => void focus('.search input'),
  c: compose,
  r: () => void (current() && write(`reply:${current()?.id}`)),
  a: () => void write(`answer:${app.value.pageId}`),
  m: () => void write(`note:${app.value.pageId}`),
  e: () => void focus('.select.assignee'),
  s: () => void focus('.select.status'),
  x: () => void (may() && current() && closeConversation(/** @type {any} */ (current()).id)),
  n: () => void (writes(here.value?.role) && show('newItem')),
  g: () => show('notices'),
  '?': () => show('help'),
};

/** From a field to the page, from the compose form to the item, from the item to the list. */
function back() {
  const el = document.activeElement;
  if (el instanceof HTMLElement && el.matches('input, textarea, select')) return el.blur();
  const { composing, route: r, page } = app.value;
  if (composing) return set({ composing: false });
  if (r.room === 'item' && page) return go({ project: page.project.id, view: r.view, item: page.item.id });
  if (r.item) {
    go({ ...r, item: '', conversation: '' });
    requestAnimationFrame(() => focus(`[data-item="${r.item}"]`));
  } else if (r.q) go({ ...r, q: '' });
}

/** @param {KeyboardEvent} e */
function pressed(e) {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || !app.value.me) return;
  if (document.querySelector('dialog[open]')) return;
  if (e.key === 'Escape') return back();
  const el = e.target instanceof HTMLElement ? e.target : null;
  if (el?.closest('input, textarea, select, [contenteditable]')) return;
  const r = app.value.route;
  if (e.key === 'Enter' && r.room === 'list' && r.item && (!el || el === document.body || el.matches('.item[aria-current]'))) {
    e.preventDefault();
    return go({ room: 'item', item: r.item });
  }
  const does = DOES[e.key.toLowerCase()];
  if (!does) return;
  e.preventDefault();
  does();
}

export const listenToKeys = () => document.addEventListener('keydown', pressed);
