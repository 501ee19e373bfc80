// The one copy of the state, as a signal; views read `app.value` parts through `pick`, actions write with `change`.

import { computed, signal } from '@preact/signals';
import { format, parse } from './route.js';
import { initial, navigated, project, toastGone, toasted } from './store.js';

/** @import {Route} from './types.js' */
/** @import {State} from './store.js' */

export const app = signal(initial);

/**
 * Applies one of store.js's functions.
 * @template {any[]} A
 * @param {(s: State, ...args: A) => State} step
 * @param {A} args
 */
export function change(step, ...args) {
  app.value = step(app.value, ...args);
}

/** @param {Partial<State>} parts */
export function set(parts) {
  app.value = { ...app.value, ...parts };
}

/** A part of the state that wakes its readers only when it changes. @template T @param {(s: State) => T} read */
export const pick = (read) => computed(() => read(app.value));

export const route = pick((s) => s.route);
export const here = pick(project);

/** @param {Partial<Route>} to @param {{replace?: boolean}} [how] */
export function go(to, how = {}) {
  const href = format(to);
  if (href === location.pathname + location.search) return;
  history[how.replace ? 'replaceState' : 'pushState'](null, '', href);
  change(navigated, parse(location.pathname, location.search));
}

/** Follows the address bar, and clicks on plain links into /app/. */
export function followAddress() {
  const read = () => change(navigated, parse(location.pathname, location.search));
  addEventListener('popstate', read);
  document.addEventListener('click', (e) => {
    const a = e.target instanceof Element ? e.target.closest('a') : null;
    if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    if (a.target || a.origin !== location.origin || !a.pathname.startsWith('/app/') || a.hasAttribute('download')) return;
    e.preventDefault();
    history.pushState(null, '', a.href);
    read();
  });
  read();
}

let toastId = 0;
const TOAST_MS = 7000;

/** Says something in passing. @param {string} text @param {{tone?: ''|'bad', href?: string}} [how] */
export function toast(text, { tone = '', href = '' } = {}) {
  const id = ++toastId;
  change(toasted, text, tone, href, id);
  setTimeout(() => change(toastGone, id), tone ? TOAST_MS * 2 : TOAST_MS);
}

/** Opens a dialog by the name rooms/dialogs.js knows it by. @param {string} name @param {any} [props] */
export const show = (name, props = {}) => set({ dialog: { name, props } });
export const hide = () => set({ dialog: null });

/**
 * Asks in so many words; true when the person agreed.
 * @param {{title: string, text: string, yes: string, no?: string, also?: string}} question
 * @returns {Promise<boolean|'also'>}
 */
export function ask(question) {
  return new Promise((resolve) => show('confirm', { ...question, done: resolve }));
}
