// Notifications: the count, the panel, and a quiet word when one arrives.

import * as api from '../api.js';
import { format } from '../route.js';
import { app, change, toast } from '../state.js';
import { noticesLoaded } from '../store.js';
import { refreshList } from './lists.js';

/** @param {{tell: boolean}} how tell: say what is new, unless it is on screen already or muted */
export async function refreshNotices({ tell }) {
  const { me, notices } = app.value;
  if (!me) return;
  const known = new Set(notices.map((n) => n.id));
  try {
    change(noticesLoaded, await api.notices());
  } catch {
    return; // the next one, or the next connection, brings them
  }
  const news = app.value.notices.filter((n) => !n.read && !known.has(n.id));
  if (news.some((n) => n.feedback === app.value.pageId)) await readItem(app.value.pageId);
  const elsewhere = news.filter((n) => n.feedback !== app.value.pageId);
  if (!tell || me.muteApp || !elsewhere.length) return;
  const [n] = elsewhere;
  toast(`#${n.number} ${n.text}`, { href: format({ room: 'item', item: n.feedback, conversation: n.conversation }) });
}

/** @param {string} feedback */
async function readItem(feedback) {
  if (document.visibilityState !== 'visible') return;
  await api.read({ feedback }).catch(() => {});
  const { notices, unread } = app.value;
  const hit = notices.filter((n) => n.feedback === feedback && !n.read).length;
  const items = notices.map((n) => (n.feedback === feedback ? { ...n, read: true } : n));
  change(noticesLoaded, { items, unread: Math.max(0, unread - hit) });
  refreshList();
}

export async function readAll() {
  await api.read({ all: true }).catch((e) => toast(api.problem(e).message, { tone: 'bad' }));
  await refreshNotices({ tell: false });
}
