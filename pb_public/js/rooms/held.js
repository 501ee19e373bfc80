// Held mail: what came in and may not be shown yet. A person decides, with what is known laid out.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { refreshHeld, refreshList } from '../actions/lists.js';
import { html } from '../html.js';
import { download } from '../parts/files.js';
import { Bones, Empty, Fault, Time } from '../parts/small.js';
import { format } from '../route.js';
import { ask, here, pick, show, toast } from '../state.js';
import { writes } from '../store.js';

/** @import {Found, HeldMail} from '../types.js' */

const held = pick((s) => s.held);

export function Held() {
  const [error, setError] = useState('');
  const project = here.value?.id;
  const load = () => refreshHeld().then(() => setError(''), (e) => setError(api.problem(e).message));
  useEffect(() => void load(), [project]);
  return html`
    <main class="page" aria-label="Held mail">
      <header class="page-head"><h1>Held mail</h1><p class="dim">Mail that matched nothing, or whose sender is in doubt. Nobody outside has seen it; nothing is lost until you delete it.</p></header>
      <${Fault} text=${error} />
      ${!held.value && !error && html`<${Bones} lines=${6} />`}
      ${held.value?.length === 0 && !error && html`<${Empty}>Nothing is held. What comes in and is not clear waits here for you.<//>`}
      <ul class="held">${held.value?.map((m) => html`<${Mail} key=${m.id} m=${m} may=${writes(here.value?.role)} done=${load} />`)}</ul>
    </main>`;
}

/** @param {{m: HeldMail, may: boolean, done: () => void}} props */
function Mail({ m, may, done }) {
  const act = async (/** @type {() => Promise<any>} */ what, /** @type {string} */ said) => {
    try {
      await what();
      toast(said);
    } catch (e) {
      toast(api.problem(e).message, { tone: 'bad' });
    }
    done();
    refreshList();
  };
  const drop = async () => {
    const yes = await ask({ title: 'Delete this mail for good?', text: `“${m.subject || 'No subject'}” from ${m.from}. It cannot be brought back.`, yes: 'Delete it', no: 'Keep it' });
    if (yes) act(() => api.deleteHeld(m.id), 'Deleted.');
  };
  const put = (/** @type {string} */ id, /** @type {string} */ subject) => act(() => api.release(m.id, id), `Put into “${subject}”, where your team sees it first.`);
  const choose = () => show('pick', { project: here.value?.id, title: 'Where does it belong?', done: (/** @type {Found} */ c) => put(c.id, c.subject) });
  const s = m.suggestion;
  return html`
    <li class="card held-mail"><div class="msg">
      <header class="row wrap"><b class="cut">${m.from}</b><span class="grow"></span><small><${Time} at=${m.created} /></small></header>
      <p><b dir="auto">${m.subject || 'No subject'}</b></p>
      <p class="excerpt" dir="auto">${m.excerpt}</p>
      <p class="reason"><small>Held because</small> ${m.reason}</p>
      ${s && html`<p class="reason"><small>Looks like</small> <a href=${format({ room: 'item', item: s.feedback, conversation: s.conversation })}>“${s.subject}” on #${s.number}</a></p>`}
      ${may && html`<div class="row wrap bar">
        ${s && html`<button type="button" class="main" onClick=${() => put(s.conversation, s.subject)}>Put into “${s.subject}”</button>`}
        <button type="button" onClick=${choose}>${s ? 'Put elsewhere' : 'Put into a conversation'}</button>
        <button type="button" class="quiet" onClick=${() => download(`/api/held-mail/${m.id}/raw`, 'message.eml')}>Download</button>
        <button type="button" class="quiet danger" onClick=${drop}>Delete</button></div>`}
    </div></li>`;
}
