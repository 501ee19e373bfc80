// What is typed is kept in this browser until the server has it: drafts while writing, and pending sends with their
// Idempotency-Key, so that a retry after a crash cannot send twice. Files cannot be kept; their names are.

/** @import {Pending} from './types.js' */

const DRAFT = 'aside:draft:';
const PENDING = 'aside:pending';

/** Storage may be full or forbidden; writing must go on all the same. @template T @param {() => T} f @param {T} otherwise */
function attempt(f, otherwise) {
  try {
    return f();
  } catch {
    return otherwise;
  }
}

/** @template T @param {string} key @param {T} empty @returns {T} */
export function load(key, empty) {
  return attempt(() => {
    const text = localStorage.getItem(DRAFT + key);
    return text === null ? empty : JSON.parse(text);
  }, empty);
}

/** Keeps a draft; an empty one is forgotten. @param {string} key @param {any} value */
export function keep(key, value) {
  attempt(() => localStorage.setItem(DRAFT + key, JSON.stringify(value)), undefined);
}

/** @param {string} key */
export const forget = (key) => attempt(() => localStorage.removeItem(DRAFT + key), undefined);

/** @param {Pending[]} pending */
export function keepPending(pending) {
  const plain = pending.map(({ files: _, ...p }) => p);
  attempt(() => localStorage.setItem(PENDING, JSON.stringify(plain)), undefined);
}

/** Sends that were under way when the page went away come back as failed: nobody knows yet. @returns {Pending[]} */
export function loadPending() {
  const plain = attempt(() => JSON.parse(localStorage.getItem(PENDING) ?? '[]'), []);
  const error = 'The page was closed before the server answered.';
  return plain.map((/** @type {Pending} */ p) => ({ ...p, files: [], state: 'failed', error: p.error || error }));
}

/** Everything typed here is gone with the person who typed it: on sign-out. */
export function forgetAll() {
  attempt(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith('aside:')) localStorage.removeItem(key);
  }, undefined);
}
