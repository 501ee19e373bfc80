// Sending what was written: shown at once as pending, kept until the server has it, and tried again with the same
// Idempotency-Key, so that a second try of a send that did arrive adds nothing.

import * as api from '../api.js';
import * as drafts from '../drafts.js';
import { app, change, toast } from '../state.js';
import { pendingAdded, pendingDone, pendingFailed } from '../store.js';
import { refreshItem } from './items.js';
import { refreshList } from './lists.js';
import { confirmed } from './sides.js';

/** @import {Pending, ThreadKind} from '../types.js' */

/** @param {ThreadKind} kind @param {string} thread @param {string} body @param {File[]} files */
export function send(kind, thread, body, files) {
  /** @type {Pending} */
  const p = {
    key: newKey(), kind, thread, body, files, fileNames: files.map((f) => f.name), state: 'sending', error: '',
    at: new Date().toISOString(),
  };
  return carry(p);
}

/** @param {Pending} p */
export const retry = (p) => carry({ ...p, state: 'sending', error: '' });

/** Takes a failed one back; its words go to the composer again. @param {string} key */
export function discard(key) {
  change(pendingDone, key);
  drafts.keepPending(app.value.pending);
}

/** @param {Pending} p @param {Record<string, boolean>} [given] what the agent said when asked @returns {Promise<void>} */
async function carry(p, given = {}) {
  change(pendingAdded, p);
  drafts.keepPending(app.value.pending);
  try {
    await post(p, given);
    await refreshItem();
    change(pendingDone, p.key);
    refreshList();
  } catch (e) {
    const yes = await confirmed(api.problem(e), given);
    if (yes) return carry(p, { ...given, ...yes });
    change(pendingFailed, p.key, api.problem(e).message);
    if (!onScreen(p)) toast('Something you wrote was not sent. It is kept where you wrote it.', { tone: 'bad' });
  }
  drafts.keepPending(app.value.pending);
}

/** @param {Pending} p @param {Record<string, boolean>} given */
function post(p, given) {
  if (p.kind === 'reply') return api.reply(p.thread, p.body, p.files, p.key, given);
  return api.write(p.kind === 'note' ? 'notes' : 'customer_messages', p.thread, p.body, p.files, p.key, given);
}

/** Its own place on the page says that it failed; elsewhere a word is needed. @param {Pending} p */
function onScreen(p) {
  const { page, open } = app.value;
  return p.thread === page?.item.id || Boolean(page?.conversations.some((c) => c.id === p.thread) && open[p.thread]);
}

export function newKey() {
  return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}
