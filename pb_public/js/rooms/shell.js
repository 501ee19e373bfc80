// The frame of the inbox: navigation, and beside it the room the address names.

import { html } from '../html.js';
import { Face, Notice } from '../parts/small.js';
import { here, pick, route, show } from '../state.js';
import { manages } from '../store.js';
import { view as viewName } from '../words.js';
import { Dialogs } from './dialogs.js';
import { Held } from './held.js';
import { back } from './item-head.js';
import { Item } from './item.js';
import { List } from './list.js';
import { Me } from './me.js';
import { Nav } from './nav.js';
import { Privacy } from './privacy.js';
import { Settings } from './settings.js';
import { SignIn } from './sign-in.js';
import { Toasts } from './toasts.js';

const ready = pick((s) => s.ready);
const me = pick((s) => s.me);
const problems = pick((s) => s.status?.problems ?? []);
const error = pick((s) => (s.projects.length ? '' : s.list.error));
const unread = pick((s) => s.unread);

/** @type {Record<string, string>} */
const ROOMS = { held: 'Held mail', settings: 'Project settings', privacy: 'Privacy', me: 'My settings' };

export function Shell() {
  if (!ready.value) return html`<div class="app" aria-busy="true"></div>`;
  if (!me.value || route.value.room === 'reset' || route.value.room === 'invite') return html`<${SignIn} /><${Toasts} />`;
  return html`
    <div class="app" data-room=${route.value.room} data-item=${route.value.item ? '' : undefined}>
      <${TopBar} />
      <div class="nav-side"><${Nav} /></div>
      <div class="main-room"><${Problems} /><${Room} /></div>
    </div>
    <${Dialogs} /><${Toasts} />`;
}

function Room() {
  const r = route.value;
  if (!here.value && r.room !== 'me') {
    return html`<main class="page"><h1>${error.value ? 'Nothing can be shown' : 'No project yet'}</h1>
      <p>${error.value ? `${error.value} It is tried again by itself.` : 'You are not a member of a project. Ask its owner to invite you.'}</p></main>`;
  }
  switch (r.room) {
    case 'me': return html`<${Me} />`;
    case 'held': return html`<${Held} />`;
    case 'settings': return html`<${Settings} />`;
    case 'privacy': return html`<${Privacy} />`;
    case 'item': return html`<main class="stage full"><${Item} full /></main>`;
    default: return html`<main class="stage"><${List} />${r.item ? html`<${Item} />` : html`<p class="nothing">Choose an item, or press J.</p>`}</main>`;
  }
}

/** On a narrow screen only: where one is, and the way elsewhere. */
function TopBar() {
  const r = route.value;
  const name = ROOMS[r.room] ?? viewName(r.view);
  return html`
    <header class="top">${r.item ? html`<button type="button" class="quiet" onClick=${back}>← ${viewName(r.view)}</button>`
        : html`<button type="button" class="quiet" aria-haspopup="dialog" onClick=${() => show('menu')}>Menu</button>`}
      ${here.value && html`<${Face} name=${here.value.name} />`}<b class="grow cut">${r.item ? here.value?.name : name}</b>
      <button type="button" class="quiet" aria-haspopup="dialog" onClick=${() => show('notices')} aria-label=${`Notifications, ${unread.value} unread`}>Notifications ${unread.value > 0 && html`<b class="count new">${unread.value}</b>`}</button></header>`;
}

/** What the operator must mend is told to those who can have it mended. */
function Problems() {
  if (!problems.value.length || !manages(here.value?.role)) return null;
  return html`<div class="problems">${problems.value.map((p) => html`<${Notice} key=${p}>${p}<//>`)}</div>`;
}

