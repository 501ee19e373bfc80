// Where an invitation's link leads: what it is for, and the shortest way in for who reads it.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import * as people from '../api-people.js';
import { enter, signOut } from '../actions/session.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';
import { app, go, route } from '../state.js';
import { ROLE } from '../words.js';
import { OtherWays, useWays } from './other-ways.js';

/** @typedef {Awaited<ReturnType<typeof people.openInvitation>>} Invitation */

export function Invite() {
  const { token } = route.value;
  const [inv, setInv] = useState(/** @type {Invitation|null} */ (null));
  const [gone, setGone] = useState('');
  useEffect(() => void people.openInvitation(token).then(setInv, (e) => setGone(api.problem(e).message)), [token]);
  if (gone) {
    return html`<div class="fields"><h1>This link leads nowhere</h1><p>${gone}</p>
      <button type="button" class="wide" onClick=${() => go({}, { replace: true })}>To the sign-in page</button></div>`;
  }
  if (!inv) return html`<div class="fields" aria-busy="true"><h1>Your invitation</h1></div>`;
  const me = app.value.me;
  const same = me?.email.toLowerCase() === inv.email.toLowerCase();
  return html`
    <div class="fields"><h1>Join ${inv.project}</h1>
      <p>You are invited as <b>${ROLE[inv.role] ?? inv.role}</b>, under ${inv.email}.</p>
      ${me && !same ? html`<${Other} name=${me.email} />` : html`<${Join} inv=${inv} token=${token} signedIn=${same} />`}
    </div>`;
}

/** @param {{name: string}} props */
const Other = ({ name }) => html`
  <${Notice}>You are signed in as ${name}, and this invitation is for somebody else.<//>
  <button type="button" class="wide" onClick=${() => signOut({ stay: true })}>Sign out, and go on here</button>`;

/** @param {{inv: Invitation, token: string, signedIn: boolean}} props */
function Join({ inv, token, signedIn }) {
  const ways = useWays();
  const joined = async (/** @type {string} */ project) => {
    await enter();
    go({ project }, { replace: true });
  };
  const { busy, error, fields, submit } = useForm(async (v) => {
    if (inv.account && !signedIn) {
      await api.signIn(inv.email, v.password).catch((/** @type {any} */ e) => {
        const p = api.problem(e);
        throw p.status === 400 ? { ...p, message: 'This is not the password of this account.', fields: {} } : p;
      });
    }
    const { project } = await people.acceptInvitation({ token, name: v.name ?? '', password: inv.account ? '' : v.password });
    if (!inv.account) await api.signIn(inv.email, v.password);
    await joined(project);
  });
  const accept = async () => joined((await people.acceptInvitation({ token, name: '', password: '' })).project);
  const known = inv.account || signedIn;
  return html`
    <form class="stack" onSubmit=${submit}>
      ${!known && html`<label>Your name<input name="name" autocomplete="name" required autofocus /></label><${Fault} text=${fields.name} />`}
      ${!signedIn && html`<input type="hidden" name="email" autocomplete="username" value=${inv.email} />
        <label>${known ? 'Your password here' : 'Choose a password'}<input name="password" type="password" autocomplete=${known ? 'current-password' : 'new-password'} minlength=${known ? undefined : 8} required /></label><${Fault} text=${fields.password} />`}
      <${Fault} text=${error || fields.email} />
      <button class="main wide" disabled=${busy}>${busy ? 'Joining…' : 'Join'}</button>
      ${!signedIn && html`<${OtherWays} ways=${ways} invitation=${token} then=${accept} />`}
    </form>`;
}
