// Every request the inbox makes, named. Errors come out as `Problem`s: a sentence fit to show, and one per field.

import PocketBase from 'pocketbase';

/** @import {Found, HeldMail, ItemPage, Me, Notice, Page, Person, Preview, Problem, Project, Role, Status, Trace} from './types.js' */

export const pb = new PocketBase(location.origin);
pb.autoCancellation(false);

/** @returns {Me|null} */
export const signedIn = () => (pb.authStore.isValid ? /** @type {any} */ (pb.authStore.record) : null);

/**
 * @param {string} path
 * @param {{method?: string, body?: any, key?: string, query?: Record<string, any>}} [how] key: the Idempotency-Key
 * @returns {Promise<any>}
 */
export async function call(path, { method = 'GET', body, key, query } = {}) {
  const headers = key ? { 'Idempotency-Key': key } : undefined;
  try {
    return await pb.send(path, { method, body, query, headers, requestKey: null });
  } catch (e) {
    const p = problem(e);
    if (p.status === 401) pb.authStore.clear();
    throw p;
  }
}

const LOST = 'The server could not be reached. What you wrote is kept here.';

/** @param {any} e @returns {Problem} */
export function problem(e) {
  if (e && 'fields' in e) return e;
  const data = e?.response?.data ?? {};
  /** @type {Record<string, string>} */
  const fields = {};
  for (const [name, v] of Object.entries(data)) fields[name] = /** @type {any} */ (v)?.message ?? String(v);
  const status = e?.status ?? 0;
  if (!status) return { status, message: LOST, fields };
  const first = Object.values(fields)[0];
  return { status, message: e.response?.message || first || 'The server could not do that.', fields };
}

/** JSON, or multipart when files go along. @param {Record<string, any>} values @param {File[]} files */
function form(values, files) {
  if (!files.length) return values;
  const data = new FormData();
  for (const [name, v] of Object.entries(values)) {
    for (const one of Array.isArray(v) ? v : [v]) data.append(name, String(one));
  }
  for (const f of files) data.append('attachments', f, f.name);
  return data;
}

export const records = (/** @type {string} */ collection) => `/api/collections/${collection}/records`;

// Who and where
/** @returns {Promise<Status>} */
export const status = () => call('/api/aside/status');
/** @param {Record<string, string>} first */
export const setUp = (first) => call('/api/aside/setup', { method: 'POST', body: first });
/** @param {string} email @param {string} password */
export const signIn = (email, password) => pb.collection('users').authWithPassword(email, password);
/** What the operator has set up beside the password. @returns {Promise<{password: boolean, code: boolean, providers: {name: string, title: string}[]}>} */
export const waysIn = () => pb.collection('users').listAuthMethods().then((m) => ({
  password: m.password.enabled, code: m.otp.enabled, providers: m.oauth2.enabled ? m.oauth2.providers.map((p) => ({ name: p.name, title: p.displayName })) : [],
}));
/** The half-open door of a server that asks for two proofs: the id of what was proved, or ''. @param {any} e @returns {string} */
export const halfway = (e) => e?.response?.mfaId ?? '';
/** @param {string} email */
export const sendCode = (email) => pb.collection('users').requestOTP(email).then((r) => r.otpId);
/** @param {string} id @param {string} code @param {string} mfaId */
export const signInByCode = (id, code, mfaId) => pb.collection('users').authWithOTP(id, code, mfaId ? { mfaId } : {});
/** @param {string} provider @param {string} [invitation] the secret of an invitation's link, for who has no account yet */
export const signInWith = (provider, invitation) => pb.collection('users').authWithOAuth2({ provider, ...(invitation && { createData: { invitation } }) });
/** @param {Me} me */
export const avatar = (me) => pb.files.getURL(me, me.avatar ?? '', { thumb: '100x100' });
/** @param {string} email */
export const forgotPassword = (email) => pb.collection('users').requestPasswordReset(email);
/** @param {string} token @param {string} password */
export const newPassword = (token, password) => pb.collection('users').confirmPasswordReset(token, password, password);
export const renew = () => pb.collection('users').authRefresh();
/** @param {string} me @returns {Promise<Project[]>} */
export async function projects(me) {
  const filter = pb.filter('user = {:me}', { me });
  const page = await call(records('members'), { query: { filter, expand: 'project', perPage: 200 } });
  return page.items
    .filter((/** @type {any} */ m) => m.expand?.project)
    .map((/** @type {any} */ m) => ({ ...m.expand.project, role: /** @type {Role} */ (m.role) }))
    .sort((/** @type {Project} */ a, /** @type {Project} */ b) => a.name.localeCompare(b.name));
}
/** @param {string} project @returns {Promise<{id: string, role: Role, user: string, name: string, email: string, machine: boolean}[]>} */
export async function members(project) {
  const filter = pb.filter('project = {:project}', { project });
  const page = await call(records('members'), { query: { filter, expand: 'user', perPage: 200 } });
  return page.items.map((/** @type {any} */ m) => ({
    id: m.id, role: m.role, user: m.user, name: m.expand?.user?.name ?? '', email: m.expand?.user?.email ?? '', machine: !!m.expand?.user?.machine,
  }));
}
/** @param {string} id @param {Role} role */
export const setRole = (id, role) => call(`${records('members')}/${id}`, { method: 'PATCH', body: { role } });
/** @param {string} id */
export const removeMember = (id) => call(`${records('members')}/${id}`, { method: 'DELETE' });
/** @param {string} id @param {Partial<Project>} values @returns {Promise<Project>} */
export const saveProject = (id, values) => call(`${records('projects')}/${id}`, { method: 'PATCH', body: values });
/** @param {string} id @param {Partial<Me>|FormData} values @returns {Promise<Me>} */
export const saveMe = (id, values) => call(`${records('users')}/${id}`, { method: 'PATCH', body: values });

// Items
/** @param {{project: string, view: string, q?: string, cursor?: string, limit?: number}} query @returns {Promise<Page>} */
export const inbox = (query) => call('/api/inbox', { query });
/** @param {string} id @returns {Promise<ItemPage>} */
export async function item(id) {
  const page = await call(`/api/items/${id}`);
  page.item.assigneeName ??= page.assigneeName ?? '';
  page.item.followers ??= [];
  return page;
}
/** @param {string} id @param {Record<string, any>} values */
export const saveItem = (id, values) => call(`${records('feedback')}/${id}`, { method: 'PATCH', body: values });
/** @param {Record<string, any>} values @param {string} key */
export const newItem = (values, key) => call(records('feedback'), { method: 'POST', body: values, key });
/**
 * @param {'notes'|'customer_messages'} collection @param {string} feedback @param {string} body @param {File[]} files @param {string} key
 * @param {Record<string, boolean>} [given] what was confirmed
 */
export const write = (collection, feedback, body, files, key, given = {}) =>
  call(records(collection), { method: 'POST', body: form({ feedback, body, ...given }, files), key });

// Side conversations
const sides = '/api/side-conversations';
/** @param {Record<string, any>} values @param {File[]} files @param {string} key */
export const start = (values, files, key) => call(sides, { method: 'POST', body: form(values, files), key });
/** @param {Record<string, any>} values @returns {Promise<Preview>} */
export const preview = (values) => call(`${sides}/preview`, { method: 'POST', body: values });
/** @param {string} id @param {string} message @returns {Promise<Preview>} */
export const previewReply = (id, message) => call(`${sides}/${id}/preview`, { method: 'POST', body: { message } });
/** @param {string} conversation @param {string} body @param {File[]} files @param {string} key @param {Record<string, boolean>} [given] what was confirmed */
export const reply = (conversation, body, files, key, given = {}) =>
  call(records('side_messages'), { method: 'POST', body: form({ conversation, body, ...given }, files), key });
/** @param {string} id */
export const undo = (id) => call(`/api/side-messages/${id}/undo`, { method: 'POST' });
/** @param {string} id @param {'open'|'closed'} status */
export const setConversation = (id, status) => call(`${records('side_conversations')}/${id}`, { method: 'PATCH', body: { status } });
/** @param {string} id @returns {Promise<{url: string}>} */
export const url = (id) => call(`${sides}/${id}/url`);
/** The copied one stops; the answer is the new. @param {string} id @returns {Promise<{url: string}>} */
export const renewURL = (id) => call(`${sides}/${id}/renew-url`, { method: 'POST' });
/** @param {string} id @param {string[]} to @param {Record<string, boolean>} confirmed */
export const addParticipants = (id, to, confirmed) => call(`${sides}/${id}/participants`, { method: 'POST', body: { to, ...confirmed } });
/** @param {string} id @param {string} pid */
export const removeParticipant = (id, pid) => call(`${sides}/${id}/participants/${pid}`, { method: 'DELETE' });
/** @param {string} id @param {string} pid */
export const renewLink = (id, pid) => call(`${sides}/${id}/participants/${pid}/renew-link`, { method: 'POST' });
/** @param {string} id @param {'message'|'participant'|'alias'} as */
export const accept = (id, as) => call(`/api/side-messages/${id}/accept`, { method: 'POST', body: { as } });
/** @param {string} id @returns {Promise<Trace>} */
export const trace = (id) => call(`/api/side-messages/${id}/trace`);
/** @param {string} project @param {string} q @returns {Promise<Person[]>} */
export const people = (project, q) => call('/api/search-people', { query: { project, q } }).then((r) => r.items);

/** Finds side conversations by subject or by their item's number. @param {string} project @param {string} q @returns {Promise<Found[]>} */
export async function conversations(project, q) {
  const number = Number(q.replace('#', '')) || 0;
  const filter = pb.filter('project = {:project} && (subject ~ {:q} || feedback.number = {:number})', { project, q, number });
  const page = await call(records('side_conversations'), { query: { filter, sort: '-lastMessage', perPage: 12, expand: 'feedback' } });
  return page.items.map((/** @type {any} */ c) => ({
    id: c.id, subject: c.subject, status: c.status, number: c.expand?.feedback?.number ?? 0, submitter: c.expand?.feedback?.submitterName ?? '',
  }));
}

// Held mail, notifications
/** @param {string} project @returns {Promise<HeldMail[]>} */
export const held = (project) => call('/api/held-mail', { query: { project } }).then((r) => r.items);
/** @param {string} id @param {string} conversation */
export const release = (id, conversation) => call(`/api/held-mail/${id}/release`, { method: 'POST', body: { conversation } });
/** @param {string} id */
export const deleteHeld = (id) => call(`/api/held-mail/${id}`, { method: 'DELETE' });
/** @returns {Promise<{items: Notice[], unread: number}>} */
export const notices = () => call('/api/notifications');
/** @param {{ids?: string[], feedback?: string, all?: boolean}} what */
export const read = (what) => call('/api/notifications/read', { method: 'POST', body: what });
/** @param {string} project @returns {Promise<{domain: string, checks: import('./types.js').Check[], zone: string[]}>} */
export const doctor = (project) => call('/api/aside/doctor', { query: { project } });
