// Signing in and out, and what is fetched first.

import * as api from '../api.js';
import * as drafts from '../drafts.js';
import { quiet } from '../live.js';
import { initial } from '../store.js';
import { app, set } from '../state.js';
import { writeTimes } from '../words.js';
import { refreshNotices } from './notices.js';

/** What every start needs: the instance, and the person if this browser still knows them. */
export async function boot() {
  const status = api.status().then((status) => set({ status }), () => {});
  set({ pending: drafts.loadPending() });
  if (api.signedIn()) {
    try {
      await api.renew();
    } catch (e) {
      const { status } = api.problem(e);
      if (status === 401 || status === 403 || status === 404) api.pb.authStore.clear();
    }
  }
  if (!api.signedIn()) await status; // which door it is: a fresh server has another
  await enter();
}

/** Takes the signed-in person to their projects; nobody signed in is an answer too. */
export async function enter() {
  const me = api.signedIn();
  if (!me) return set({ me: null, ready: true });
  writeTimes(me.language, me.timezone);
  try {
    set({ me, projects: await api.projects(me.id), ready: true });
  } catch (e) {
    set({ me, ready: true, online: false, list: { ...app.value.list, error: api.problem(e).message } });
  }
  refreshNotices({ tell: false });
}

/** @param {{stay?: boolean}} [how] stay: on the page of an invitation, which goes on as somebody else */
export async function signOut({ stay = false } = {}) {
  await quiet();
  api.pb.authStore.clear();
  drafts.forgetAll();
  set({ ...initial, status: app.value.status, ready: true, ...(stay && { route: app.value.route }) });
  if (!stay) history.replaceState(null, '', '/app/');
}
