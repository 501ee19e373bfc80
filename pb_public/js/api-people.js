// Requests about who may come in: invitations, and keys for machines.

import { call, pb, records } from './api.js';

/** @import {Role} from './types.js' */

/** @param {string} project @returns {Promise<{id: string, email: string, role: Role, expires: string}[]>} */
export const invitations = (project) => call(records('invitations'), {
  query: { filter: pb.filter('project = {:project} && accepted = ""', { project }), perPage: 200, sort: '-created' },
}).then((page) => page.items);
/** @param {string} project @param {string} email @param {string} role */
export const invite = (project, email, role) => call(`/api/projects/${project}/invitations`, { method: 'POST', body: { email, role } });
/** @param {string} id */
export const reinvite = (id) => call(`/api/invitations/${id}/resend`, { method: 'POST' });
/** @param {string} id */
export const withdraw = (id) => call(`/api/invitations/${id}`, { method: 'DELETE' });
/** @param {string} project @returns {Promise<{id: string, name: string, role: Role, hint: string, lastUsed: string}[]>} */
export const keys = (project) => call(records('api_keys'), {
  query: { filter: pb.filter('project = {:project}', { project }), perPage: 200, sort: '-created' },
}).then((page) => page.items);
/** @param {string} project @param {string} name @param {string} role @returns {Promise<{name: string, key: string}>} */
export const newKey = (project, name, role) => call(`/api/projects/${project}/api-keys`, { method: 'POST', body: { name, role } });
/** @param {string} id */
export const revokeKey = (id) => call(`/api/api-keys/${id}`, { method: 'DELETE' });
/** @param {string} token @returns {Promise<{project: string, email: string, role: Role, account: boolean}>} */
export const openInvitation = (token) => call('/api/invitations/open', { method: 'POST', body: { token } });
/** @param {{token: string, name: string, password: string}} answer @returns {Promise<{project: string, email: string}>} */
export const acceptInvitation = (answer) => call('/api/invitations/accept', { method: 'POST', body: answer });
