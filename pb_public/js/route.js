// Addresses of the inbox, both ways. Pure; the history API is touched in state.js only.
//
//   /app/                           the first project's inbox
//   /app/p/PROJECT/VIEW[/ITEM]      a list, and the item's panel beside it      ?q= searches
//   /app/p/PROJECT/held|settings|privacy    held mail, project settings, people's data
//   /app/i/ITEM[?c=CONVERSATION]    an item on its full page    (/app/items/ITEM in letters to the team)
//   /app/me   /app/reset/TOKEN      my settings, a new password
//   /app/invite/TOKEN               an invitation to a project

/** @import {Route, View} from './types.js' */

/** @type {View[]} */
export const VIEWS = ['inbox', 'mine', 'unassigned', 'waiting', 'answered', 'resolved', 'all'];

/** @type {Route} */
export const HOME = { room: 'list', project: '', view: 'inbox', item: '', q: '', conversation: '', token: '' };

/**
 * @param {string} path
 * @param {string} [search]
 * @returns {Route}
 */
export function parse(path, search = '') {
  const [app, kind = '', a = '', b = '', c = ''] = path.split('/').filter(Boolean).map(decode);
  const query = new URLSearchParams(search);
  const route = { ...HOME, q: query.get('q') ?? '', conversation: query.get('c') ?? '' };
  if (app !== 'app') return route;
  if ((kind === 'i' || kind === 'items') && a) return { ...route, room: 'item', item: a };
  if (kind === 'me') return { ...route, room: 'me' };
  if ((kind === 'reset' || kind === 'invite') && a) return { ...route, room: kind, token: a };
  if (kind !== 'p' || !a) return route;
  if (b === 'held' || b === 'settings' || b === 'privacy') return { ...route, room: b, project: a };
  const view = VIEWS.find((v) => v === b) ?? 'inbox';
  return { ...route, project: a, view, item: c };
}

/**
 * @param {Partial<Route>} partial
 * @returns {string}
 */
export function format(partial) {
  const r = { ...HOME, ...partial };
  const query = new URLSearchParams();
  if (r.q) query.set('q', r.q);
  if (r.conversation) query.set('c', r.conversation);
  const tail = query.size ? `?${query}` : '';
  if (r.room === 'item') return `/app/i/${encodeURIComponent(r.item)}${tail}`;
  if (r.room === 'me') return '/app/me';
  if (r.room === 'reset' || r.room === 'invite') return `/app/${r.room}/${encodeURIComponent(r.token)}`;
  if (!r.project) return '/app/';
  const base = `/app/p/${encodeURIComponent(r.project)}`;
  if (r.room === 'held' || r.room === 'settings' || r.room === 'privacy') return `${base}/${r.room}`;
  return `${base}/${r.view}${r.item ? `/${encodeURIComponent(r.item)}` : ''}${tail}`;
}

/** @param {string} s */
function decode(s) {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}
