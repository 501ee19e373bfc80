// My settings: who I am, and what I am told of.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { signOut } from '../actions/session.js';
import { html } from '../html.js';
import { Fault } from '../parts/small.js';
import { pick, set, toast } from '../state.js';
import { Profile } from './profile.js';

/** @import {Me as Person} from '../types.js' */

const mine = pick((s) => s.me);

export function Me() {
  const me = mine.value;
  const [error, setError] = useState('');
  if (!me) return null;
  const save = async (/** @type {Partial<Person>} */ values) => {
    try {
      set({ me: { ...me, ...(await api.saveMe(me.id, values)) } });
      setError('');
      toast('Saved.');
    } catch (e) {
      setError(api.problem(e).message);
    }
  };
  return html`
    <main class="page" aria-label="My settings">
      <header class="page-head"><h1>My settings</h1><p class="dim">${me.email} · people outside never see this address</p></header>
      <${Profile} me=${me} />
      <${Fault} text=${error} />
      <section class="settings"><h2>When an answer comes in</h2>
        <label class="tick"><input type="checkbox" checked=${!me.muteApp} onChange=${(/** @type {any} */ e) => save({ muteApp: !e.currentTarget.checked })} />
          <span><b>Tell me in the inbox</b><small>A count beside Notifications, and a quiet word in the corner.</small></span></label>
        <label class="tick"><input type="checkbox" checked=${!me.muteEmail} onChange=${(/** @type {any} */ e) => save({ muteEmail: !e.currentTarget.checked })} />
          <span><b>Tell me by email</b><small>For conversations you started or wrote in, and items you look after or follow.</small></span></label>
      </section>
      <section class="settings"><h2>When you send</h2>
        <label class="field short"><span class="label">Letters wait, in seconds <small>0 to 30; until then you can take them back</small></span>
          <input type="number" min="0" max="30" value=${me.undoSeconds ?? 0} onChange=${(/** @type {any} */ e) => save({ undoSeconds: Math.min(30, Math.max(0, Number(e.currentTarget.value) || 0)) })} /></label>
      </section>
      <section class="settings"><div class="row"><button type="button" onClick=${() => signOut()}>Sign out</button><small>drafts kept in this browser are forgotten</small></div></section>
    </main>`;
}
