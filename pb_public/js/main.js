// The inbox starts here: mount, boot, and the effects that fetch what the address names and listen for news of it.

import { effect } from '@preact/signals';
import { render } from 'preact';
import * as api from './api.js';
import { closeItem, openItem } from './actions/items.js';
import { loadList } from './actions/lists.js';
import { boot } from './actions/session.js';
import { html } from './html.js';
import { listenToKeys } from './keys.js';
import { listen } from './live.js';
import { foldMenus } from './menus.js';
import { Shell } from './rooms/shell.js';
import { app, followAddress, here, pick, route, set } from './state.js';
import { listKey } from './store.js';
import { view } from './words.js';

const signedIn = pick((s) => s.me?.id ?? '');
const item = pick((s) => (s.me ? s.route.item : ''));
const list = pick((s) => (s.me && here.value ? listKey(s.route, here.value.id) : ''));
const heard = pick((s) => (s.me ? [s.me.id, ...s.projects.map((p) => p.id)].join(' ') : ''));
const name = pick((s) => {
  const number = s.page && s.route.item ? `#${s.page.item.number} ` : '';
  return `${s.unread ? `(${s.unread}) ` : ''}${number || `${view(s.route.view)} `}· ${here.value?.name ?? s.status?.name ?? 'Aside'}`;
});

followAddress();
listenToKeys();
foldMenus();
render(html`<${Shell} />`, /** @type {Element} */ (document.querySelector('.root')));

effect(() => {
  const [me, ...projects] = heard.value.split(' ');
  if (me) queueMicrotask(() => listen(me, projects));
});
effect(() => {
  if (list.value) queueMicrotask(loadList);
});
effect(() => {
  const id = item.value;
  queueMicrotask(() => (id ? openItem(id) : closeItem()));
});
effect(() => {
  document.title = signedIn.value ? name.value : 'Sign in · Aside';
});
effect(() => void (route.value.room !== 'held' && queueMicrotask(() => set({ held: null }))));

// A session that ended elsewhere brings back the door; what was typed is still there behind it.
api.pb.authStore.onChange((token) => token || set({ me: null }));

// Leaving while something is on its way is asked about by the browser itself.
addEventListener('beforeunload', (e) => app.value.pending.some((p) => p.state === 'sending') && e.preventDefault());

boot();
