// The list and its counters; held mail.

import * as api from '../api.js';
import { app, change, here, set } from '../state.js';
import { listFailed, listKey, listLoaded, listLoading } from '../store.js';

/** Rows fetched at a time, and at most when a long list is fetched again. */
const STEP = 50;
const MOST = 200;

/** Loads the list the address names; the old one stays on screen until the new one is there. */
export async function loadList() {
  const project = here.value;
  if (!project) return;
  const key = listKey(app.value.route, project.id);
  change(listLoading, key);
  const shown = app.value.list.items.length;
  await fetchPage(key, { limit: Math.min(MOST, Math.max(STEP, shown)) }, false);
}

export async function loadMore() {
  const { key, next, loading } = app.value.list;
  if (!next || loading) return;
  change(listLoading, key);
  await fetchPage(key, { limit: STEP, cursor: next }, true);
}

/** Answers may overtake each other; only the latest asked for counts. */
let asked = 0;

/** @param {string} key @param {{limit: number, cursor?: string}} page @param {boolean} more */
async function fetchPage(key, page, more) {
  const [project, view, q] = key.split('\n');
  const mine = ++asked;
  try {
    const answer = await api.inbox({ project, view, q: q || undefined, ...page });
    if (mine === asked) change(listLoaded, key, answer, more);
  } catch (e) {
    if (mine === asked) change(listFailed, key, api.problem(e).message);
  }
}

export const refreshList = () => (app.value.me ? loadList() : Promise.resolve());

export async function refreshHeld() {
  const project = here.value;
  if (!project || app.value.route.room !== 'held') return;
  try {
    set({ held: await api.held(project.id) });
  } catch (e) {
    set({ held: app.value.held ?? [] });
    throw e;
  }
}
