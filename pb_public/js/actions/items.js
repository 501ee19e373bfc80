// An item on screen: loading it, and the small changes made in its header.

import * as api from '../api.js';
import { app, ask, change, set, toast } from '../state.js';
import { conversationChanged, itemChanged, pageFailed, pageLoaded, pageLoading, seen } from '../store.js';
import { count } from '../words.js';
import { refreshList } from './lists.js';
import { refreshNotices } from './notices.js';

/** @import {ItemStatus} from '../types.js' */

/** @param {string} id */
export async function openItem(id) {
  change(pageLoading, id);
  await fetchItem(id);
  if (app.value.pageId !== id || !app.value.page) return;
  change(seen, id);
  if (app.value.page.notifications.some((n) => !n.read)) {
    await api.read({ feedback: id }).catch(() => {});
    refreshList();
    await refreshNotices({ tell: false });
  }
}

export function closeItem() {
  set({ page: null, pageId: '', pageError: '', pageLoading: false, fresh: [] });
}

export const refreshItem = () => (app.value.pageId ? fetchItem(app.value.pageId) : Promise.resolve());

/** Answers may overtake each other; only the latest asked for counts. */
let asked = 0;

/** @param {string} id */
async function fetchItem(id) {
  const mine = ++asked;
  try {
    const page = await api.item(id);
    if (mine === asked) change(pageLoaded, id, page);
  } catch (e) {
    if (mine !== asked) return;
    const p = api.problem(e);
    change(pageFailed, id, p.status === 404 ? 'There is no such item, or it is not in a project of yours.' : p.message);
  }
}

/** Shows the change at once and takes it back when the server refuses. @param {Record<string, any>} values @param {Record<string, any>} [shown] */
async function save(values, shown = values) {
  const page = app.value.page;
  if (!page) return;
  change(itemChanged, shown);
  try {
    await api.saveItem(page.item.id, values);
  } catch (e) {
    toast(api.problem(e).message, { tone: 'bad' });
  }
  await refreshItem();
}

/** @param {string} assignee */
export const assign = (assignee) => save({ assignee });

/** @param {string} me @param {boolean} on */
export function follow(me, on) {
  const now = app.value.page?.item.followers ?? [];
  const followers = on ? [...now, me] : now.filter((id) => id !== me);
  return save({ [on ? 'followers+' : 'followers-']: me }, { followers });
}

/** Resolving an item with outsiders still waiting for an answer is asked about. @param {ItemStatus} status */
export async function setStatus(status) {
  const page = app.value.page;
  if (!page) return;
  const open = page.conversations.filter((c) => c.status === 'open');
  if ((status === 'resolved' || status === 'archived') && open.length && page.project.sideConversations) {
    const answer = await ask({
      title: `${count(open.length, 'side conversation')} still open`,
      text: `${open.map((c) => `“${c.subject}”`).join(', ')}. Closing tells nobody anything; a late answer is kept and reopens it.`,
      yes: open.length > 1 ? 'Close them too' : 'Close it too', also: open.length > 1 ? 'Keep them open' : 'Keep it open',
    });
    if (!answer) return refreshItem();
    if (answer === true) await Promise.all(open.map((c) => closeConversation(c.id)));
  }
  await save({ status });
}

/** @param {string} id @param {'open'|'closed'} [status] */
export async function closeConversation(id, status = 'closed') {
  change(conversationChanged, id, status);
  try {
    await api.setConversation(id, status);
  } catch (e) {
    toast(api.problem(e).message, { tone: 'bad' });
  }
  await refreshItem();
}
