// Where one is: project, views with their counts, notifications, settings, me.

import { html } from '../html.js';
import { Face, Key } from '../parts/small.js';
import { format, VIEWS } from '../route.js';
import { app, go, here, hide, pick, route, show } from '../state.js';
import { manages } from '../store.js';
import { view as viewName } from '../words.js';

/** @import {Counters} from '../types.js' */

const counters = pick((s) => s.counters);
const unread = pick((s) => s.unread);
const me = pick((s) => s.me);
const projects = pick((s) => s.projects);
const online = pick((s) => s.online);

export function Nav() {
  const project = here.value;
  const r = route.value;
  const inList = r.room === 'list' || r.room === 'item';
  return html`
    <nav class="nav" aria-label="Inbox" onClick=${(/** @type {any} */ e) => e.target.closest('a') && app.value.dialog?.name === 'menu' && hide()}>
      <${Switch} />
      ${project && html`
        ${VIEWS.map((v) => html`<${Place} key=${v} on=${inList && r.view === v && !r.q} to=${{ project: project.id, view: v }}
          count=${counters.value[/** @type {keyof Counters} */ (v)]}><span class="grow cut">${viewName(v)}</span><//>`)}
        <${Place} on=${r.room === 'held'} to=${{ room: 'held', project: project.id }} count=${counters.value.held}><span class="grow cut">Held mail</span><//>`}
      <span class="grow"></span>
      ${!online.value && html`<p class="offline" role="status">No connection. Trying again…</p>`}
      <button type="button" class="place" aria-haspopup="dialog" onClick=${() => show('notices')}>
        <span class="grow">Notifications</span>${unread.value > 0 && html`<b class="count new">${unread.value}</b>`}</button>
      ${project && html`<${Place} on=${r.room === 'settings' || r.room === 'privacy'} to=${{ room: 'settings', project: project.id }}>${manages(project.role) ? 'Project settings' : 'Project'}<//>`}
      <button type="button" class="place" aria-haspopup="dialog" onClick=${() => show('help')}><span class="grow">Keyboard</span><${Key}>?<//></button>
      ${me.value && html`<${Place} on=${r.room === 'me'} to=${{ room: 'me' }}><${Face} name=${me.value.name || me.value.email} />
        <span class="grow cut">${me.value.name || me.value.email}</span><//>`}
    </nav>`;
}

/** @param {{on: boolean, to: any, count?: number, children?: any}} props */
function Place({ on, to, count, children }) {
  return html`<a class="place" href=${format(to)} aria-current=${on ? 'page' : undefined}>
    ${children}${(count ?? 0) > 0 && html`<b class="count">${count}</b>`}</a>`;
}

function Switch() {
  const now = here.value;
  if (!now) return html`<p class="place">No project yet</p>`;
  const title = html`<${Face} name=${now.name} /><span class="grow cut">${now.name}</span>`;
  if (projects.value.length < 2) return html`<p class="place project">${title}</p>`;
  return html`
    <details class="switch">
      <summary class="place project" aria-label=${`Project: ${now.name}. Switch`}>${title}<small aria-hidden="true">▾</small></summary>
      <div class="menu">${projects.value.map((p) => html`
        <button type="button" class="place" key=${p.id} aria-current=${p.id === now.id ? 'true' : undefined} onClick=${() => go({ project: p.id })}>
          <${Face} name=${p.name} /><span class="cut">${p.name}</span></button>`)}</div>
    </details>`;
}

