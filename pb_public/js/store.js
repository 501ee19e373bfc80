// The state of the inbox and every way it changes. Pure: no fetching, no page, no clock. state.js keeps the one copy.

import { HOME } from './route.js';

/** @import {Conversation, Counters, Feedback, HeldMail, ItemPage, Me, Notice, Page, Pending, Project, Route, Row, Status} from './types.js' */

/**
 * @typedef {{
 *   status: Status|null, me: Me|null, projects: Project[], route: Route, ready: boolean, online: boolean,
 *   list: {key: string, items: Row[], next: string, loading: boolean, error: string}, counters: Counters,
 *   page: ItemPage|null, pageId: string, pageLoading: boolean, pageError: string, fresh: string[],
 *   open: Record<string, boolean>, composing: boolean,
 *   notices: Notice[], unread: number, held: HeldMail[]|null, pending: Pending[],
 *   dialog: {name: string, props: any}|null, toasts: {id: number, text: string, tone: ''|'bad', href: string}[],
 * }} State
 */

/** @type {Counters} */
const NONE = { inbox: 0, mine: 0, unassigned: 0, waiting: 0, answered: 0, held: 0, notifications: 0 };

/** @type {State} */
export const initial = {
  status: null, me: null, projects: [], route: HOME, ready: false, online: true,
  list: { key: '', items: [], next: '', loading: false, error: '' }, counters: NONE,
  page: null, pageId: '', pageLoading: false, pageError: '', fresh: [],
  open: {}, composing: false, notices: [], unread: 0, held: null, pending: [], dialog: null, toasts: [],
};

/** The project in view: the address's, the open item's, or the first. @param {State} s @returns {Project|undefined} */
export function project(s) {
  const id = s.route.project || (s.route.room === 'item' ? s.page?.project.id : '');
  return s.projects.find((p) => p.id === id || p.slug === id) ?? s.projects[0];
}

/** Viewers read only. @param {string} [role] */
export const writes = (role) => role === 'owner' || role === 'admin' || role === 'member';
/** @param {string} [role] */
export const manages = (role) => role === 'owner' || role === 'admin';

/** What a list is of: another key is another list. @param {Route} r @param {string} projectId */
export const listKey = (r, projectId) => [projectId, r.view, r.q].join('\n');

/** @param {State} s @param {Route} route @returns {State} */
export function navigated(s, route) {
  const same = route.item === s.route.item;
  return { ...s, route, composing: same && s.composing };
}

/** @param {State} s @param {string} key @returns {State} */
export function listLoading(s, key) {
  const items = key === s.list.key ? s.list.items : [];
  return { ...s, list: { ...s.list, key, items, next: items.length ? s.list.next : '', loading: true, error: '' } };
}

/** @param {State} s @param {string} key @param {Page} page @param {boolean} more @returns {State} */
export function listLoaded(s, key, page, more) {
  if (key !== s.list.key) return s;
  const known = new Set(page.items.map((r) => r.id));
  const items = more ? [...s.list.items.filter((r) => !known.has(r.id)), ...page.items] : page.items;
  return { ...s, list: { key, items, next: page.next, loading: false, error: '' }, counters: { ...NONE, ...page.counters } };
}

/** @param {State} s @param {string} key @param {string} error @returns {State} */
export function listFailed(s, key, error) {
  return key === s.list.key ? { ...s, list: { ...s.list, loading: false, error } } : s;
}

/** @param {State} s @param {string} id @returns {State} */
export function pageLoading(s, id) {
  const page = id === s.pageId ? s.page : null;
  return { ...s, pageId: id, page, pageLoading: true, pageError: '', fresh: page ? s.fresh : [] };
}

/**
 * The answer for an item. What is new at the first look stays marked new until the reader leaves.
 * @param {State} s @param {string} id @param {ItemPage} page @returns {State}
 */
export function pageLoaded(s, id, page) {
  if (id !== s.pageId) return s;
  const news = page.notifications.filter((n) => !n.read && n.conversation).map((n) => n.conversation);
  const fresh = [...new Set([...s.fresh, ...news])];
  const first = s.page === null;
  const open = first ? { ...s.open, ...opened(page.conversations, fresh, s.route.conversation, s.open) } : s.open;
  return { ...s, page, pageLoading: false, pageError: '', fresh, open };
}

/** @param {State} s @param {string} id @param {string} pageError @returns {State} */
export function pageFailed(s, id, pageError) {
  return id === s.pageId ? { ...s, pageLoading: false, pageError } : s;
}

/**
 * One conversation is open by default: the one asked for, or with something new, or the latest still open.
 * @param {Conversation[]} conversations @param {string[]} fresh @param {string} asked @param {Record<string, boolean>} known
 */
export function opened(conversations, fresh, asked, known) {
  const latest = (/** @type {Conversation[]} */ cs) => cs.reduce(
    (a, b) => (!a || b.lastMessage > a.lastMessage ? b : a), /** @type {Conversation|null} */ (null));
  const choice = conversations.find((c) => c.id === asked)
    ?? latest(conversations.filter((c) => fresh.includes(c.id)))
    ?? latest(conversations.filter((c) => c.status === 'open'));
  if (!choice) return {};
  const must = choice.id === asked || fresh.includes(choice.id);
  return !must && choice.id in known ? {} : { [choice.id]: true };
}

/** @param {State} s @param {string} id @param {boolean} open @returns {State} */
export const toggled = (s, id, open) => ({ ...s, open: { ...s.open, [id]: open } });

/** A change shown before the server says yes; `pageLoaded` brings the truth. @param {State} s @param {Partial<Feedback>} change @returns {State} */
export function itemChanged(s, change) {
  if (!s.page) return s;
  const page = { ...s.page, item: { ...s.page.item, ...change } };
  const name = 'assignee' in change ? page.team.find((t) => t.id === change.assignee)?.name ?? '' : page.item.assigneeName;
  page.item.assigneeName = name;
  const items = s.list.items.map((r) => (r.id !== page.item.id ? r
    : { ...r, status: page.item.status, assignee: page.item.assignee, assigneeName: name }));
  return { ...s, page, list: { ...s.list, items } };
}

/** @param {State} s @param {string} id @param {'open'|'closed'} status @returns {State} */
export function conversationChanged(s, id, status) {
  if (!s.page) return s;
  const conversations = s.page.conversations.map((c) => (c.id === id ? { ...c, status } : c));
  return { ...s, page: { ...s.page, conversations } };
}

/** The row's news have been seen. @param {State} s @param {string} id @returns {State} */
export function seen(s, id) {
  const items = s.list.items.map((r) => (r.id === id && r.unread ? { ...r, unread: false } : r));
  return { ...s, list: { ...s.list, items } };
}

/** @param {State} s @param {Pending} p @returns {State} */
export const pendingAdded = (s, p) => ({ ...s, pending: [...s.pending.filter((x) => x.key !== p.key), p] });
/** @param {State} s @param {string} key @param {string} error @returns {State} */
export const pendingFailed = (s, key, error) => ({
  ...s, pending: s.pending.map((p) => (p.key === key ? { ...p, state: 'failed', error } : p)),
});
/** @param {State} s @param {string} key @returns {State} */
export const pendingDone = (s, key) => ({ ...s, pending: s.pending.filter((p) => p.key !== key) });
/** @param {State} s @param {string} kind @param {string} thread */
export const pendingOf = (s, kind, thread) => s.pending.filter((p) => p.kind === kind && p.thread === thread);

/** @param {State} s @param {{items: Notice[], unread: number}} n @returns {State} */
export const noticesLoaded = (s, n) => ({ ...s, notices: n.items, unread: n.unread });

/** The neighbour of the chosen row, for j and k. @param {State} s @param {1|-1} step */
export function neighbour(s, step) {
  const at = s.list.items.findIndex((r) => r.id === s.route.item);
  const next = at < 0 ? (step > 0 ? 0 : -1) : at + step;
  return s.list.items[next]?.id ?? '';
}

/** @param {State} s @param {string} text @param {''|'bad'} tone @param {string} href @param {number} id @returns {State} */
export function toasted(s, text, tone, href, id) {
  const toasts = [...s.toasts.filter((t) => t.text !== text), { id, text, tone, href }].slice(-3);
  return { ...s, toasts };
}
/** @param {State} s @param {number} id @returns {State} */
export const toastGone = (s, id) => ({ ...s, toasts: s.toasts.filter((t) => t.id !== id) });
