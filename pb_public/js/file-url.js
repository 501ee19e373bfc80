// Addresses of files and of original letters. A token of two minutes opens them, so that no address that leaks opens
// anything later.

import { pb } from './api.js';

/** Asked for again well before it runs out. */
const TOKEN_MS = 60_000;
/** @type {{at: number, token: Promise<string>}} */
let latest = { at: 0, token: Promise.resolve('') };
/** @returns {Promise<string>} */
export function fileToken() {
  if (Date.now() - latest.at > TOKEN_MS) {
    const token = pb.files.getToken({ requestKey: null });
    latest = { at: Date.now(), token };
    token.catch(() => (latest = { at: 0, token }));
  }
  return latest.token;
}
/** @param {string} path @param {Record<string, string>} [query] */
export async function fileURL(path, query = {}) {
  return `${path}?${new URLSearchParams({ ...query, token: await fileToken() })}`;
}
