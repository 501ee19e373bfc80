// Requests about people's data: what goes by itself, what there is of somebody, and what was done.

import { call, pb, records } from './api.js';

/** @import {Expiring, Somebody, PrivacyLine} from './types.js' */

/** @param {string} project @param {number} days @returns {Promise<{days: number, at: string, count: number, items: Expiring[]}>} */
export const retention = (project, days) => call(`/api/projects/${project}/retention`, { query: { days } });
/** @param {string} project @param {string} email @returns {Promise<Somebody>} */
export const person = (project, email) => call(`/api/projects/${project}/person`, { method: 'POST', body: { email } });
/** @param {string} project @param {string} email @param {string[]} names @param {string} confirm */
export const erase = (project, email, names, confirm) => call(`/api/projects/${project}/person/erase`, { method: 'POST', body: { email, names, confirm } });
/** @param {string} project @returns {Promise<PrivacyLine[]>} */
export const log = (project) => call(records('privacy_log'), {
  query: { filter: pb.filter('project = {:project}', { project }), perPage: 50, sort: '-created' },
}).then((page) => page.items);

/** A zip as it comes; the address travels in the body, which no log has. @param {string} project @param {string} email @returns {Promise<Blob>} */
export async function exported(project, email) {
  const res = await fetch(`/api/projects/${project}/person/export`, {
    method: 'POST', headers: { Authorization: pb.authStore.token, 'Content-Type': 'application/json' }, body: JSON.stringify({ email }),
  });
  if (res.ok) return res.blob();
  const said = await res.json().catch(() => ({}));
  throw { status: res.status, message: said.message || 'The export could not be made.', fields: Object.fromEntries(Object.entries(said.data ?? {}).map(([k, v]) => [k, /** @type {any} */ (v).message])) };
}
