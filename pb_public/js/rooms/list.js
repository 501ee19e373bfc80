// "What needs me?": one row an item, and on its second line only what is out of the ordinary.

import { useEffect, useRef } from 'preact/hooks';
import { loadMore } from '../actions/lists.js';
import { html } from '../html.js';
import { Bones, Empty, Key, Notice } from '../parts/small.js';
import { app, go, here, pick, route, show } from '../state.js';
import { writes } from '../store.js';
import { view as viewName } from '../words.js';
import { ItemRow } from './row.js';

/** @import {View} from '../types.js' */

const list = pick((s) => s.list);

/** @type {Record<View, string>} */
const NOTHING = {
  inbox: 'Nothing is waiting for you here. New feedback shows up by itself.',
  mine: 'Nothing is assigned to you. Press E on an item to take it.',
  unassigned: 'Everything has someone looking after it.',
  waiting: 'Nobody outside owes you an answer. Press C on an item to ask someone.',
  answered: 'No answers from outside that you have not answered yourself.',
  resolved: 'Nothing has been resolved yet.',
  all: 'No feedback yet. It comes by mail, by the form, or with New item.',
};

export function List() {
  const { items, next, loading, error } = list.value;
  const r = route.value;
  return html`
    <section class="list" aria-label=${r.q ? 'Search results' : viewName(r.view)}>
      <header class="list-head">
        <div class="row"><h1 class="grow cut">${viewName(r.view)}</h1>
          ${writes(here.value?.role) && html`<button type="button" class="small quiet" onClick=${() => show('newItem')}>New item <${Key}>N<//></button>`}</div>
        <${Search} />
      </header>
      <div class="rows">
        ${error && html`<${Notice} tone="bad" role="alert" actions=${html`<button type="button" class="small" onClick=${() => go(r, { replace: true })}>Try again</button>`}>${error}<//>`}
        ${items.length > 0 && html`<ul>${items.map((row) => html`<li key=${row.id}><${ItemRow} row=${row} on=${row.id === r.item} /></li>`)}</ul>`}
        ${loading && !items.length && html`<${Bones} lines=${8} />`}
        ${!loading && !error && !items.length && html`<${Empty}>${r.q ? `Nothing has “${r.q}” in it.` : NOTHING[r.view]}<//>`}
        ${next && html`<${More} />`}
      </div>
    </section>`;
}

/** Types into the address, so that a search can be kept and shared. */
function Search() {
  const box = useRef(/** @type {HTMLInputElement|null} */ (null));
  const q = route.value.q;
  const wait = useRef(0);
  useEffect(() => {
    if (box.current && document.activeElement !== box.current) box.current.value = q;
  }, [q]);
  const search = (/** @type {string} */ text) => {
    clearTimeout(wait.current);
    wait.current = setTimeout(() => go({ ...app.value.route, room: 'list', project: here.value?.id ?? '', q: text.trim() }, { replace: true }), 200);
  };
  return html`
    <label class="search"><span class="unseen">Search</span>
      <input ref=${box} type="search" placeholder="Search" defaultValue=${q} enterkeyhint="search"
        onInput=${(/** @type {any} */ e) => search(e.currentTarget.value)} />
      <${Key}>/<//></label>`;
}

function More() {
  const ref = useRef(/** @type {HTMLButtonElement|null} */ (null));
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && loadMore());
    if (ref.current) seen.observe(ref.current);
    return () => seen.disconnect();
  }, []);
  return html`<button type="button" ref=${ref} class="quiet wide" onClick=${loadMore}>More</button>`;
}
