// The door: email and password, and a way back in for who forgot.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { enter } from '../actions/session.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';
import { app, go, route } from '../state.js';
import { ByCode, OtherWays, useWays } from './other-ways.js';
import { Invite } from './invite.js';
import { Setup } from './setup.js';

export function SignIn() {
  const [forgot, setForgot] = useState(false);
  const name = app.value.status?.name || 'Aside';
  const body = route.value.room === 'reset' ? html`<${NewPassword} />`
    : route.value.room === 'invite' ? html`<${Invite} />`
    : app.value.status?.setup && app.value.status.setupOpen ? html`<${Setup} />`
    : forgot ? html`<${Forgot} back=${() => setForgot(false)} />` : html`<${Enter} forgot=${() => setForgot(true)} />`;
  return html`<main class="door"><div class="door-card"><p class="brand">${name}</p>${body}</div></main>`;
}

/** @param {{forgot: () => void}} props */
function Enter({ forgot }) {
  const ways = useWays();
  const [code, setCode] = useState(/** @type {{email?: string, mfa?: string}|null} */ (null));
  const { busy, error, submit } = useForm(async (v) => {
    try {
      await api.signIn(v.email.trim(), v.password);
    } catch (e) {
      if (api.halfway(e)) return setCode({ email: v.email.trim(), mfa: api.halfway(e) });
      const p = api.problem(e);
      throw p.status === 400 ? { ...p, message: 'This email and password do not go together.', fields: {} } : p;
    }
    await enter();
  });
  if (code) return html`<${ByCode} ...${code} back=${() => setCode(null)} />`;
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>Sign in</h1>
      ${app.value.status?.setup && html`<${Notice}><b>Nobody has an account yet.</b> The operator makes the first one in the <a href="/_/">dashboard</a>, under users.<//>`}
      ${ways.password && html`<label>Email<input name="email" type="email" autocomplete="username" required autofocus /></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>
        <${Fault} text=${error} />
        <button class="main wide" disabled=${busy}>${busy ? 'Signing in…' : 'Sign in'}</button>`}
      <${OtherWays} ways=${ways} byCode=${() => setCode({})} />
      ${ways.password && html`<button type="button" class="quiet wide" onClick=${forgot}>I forgot my password</button>`}
    </form>`;
}

/** @param {{back: () => void}} props */
function Forgot({ back }) {
  const [sent, setSent] = useState('');
  const { busy, error, submit } = useForm(async (v) => {
    await api.forgotPassword(v.email.trim());
    setSent(v.email);
  });
  if (sent) {
    return html`<div class="fields"><h1>Look in your mail</h1>
      <p>If ${sent} belongs to someone here, a letter with a link to a new password is on its way.</p>
      <button type="button" class="wide" onClick=${back}>Back to sign in</button></div>`;
  }
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>A new password</h1>
      <label>Email<input name="email" type="email" autocomplete="username" required autofocus /></label>
      <${Fault} text=${error} />
      <button class="main wide" disabled=${busy}>Send me a link</button>
      <button type="button" class="quiet wide" onClick=${back}>Back to sign in</button>
    </form>`;
}

function NewPassword() {
  const { busy, error, fields, submit } = useForm(async (v) => {
    if (v.password !== v.again) throw { status: 0, message: 'The two passwords differ.', fields: {} };
    await api.newPassword(route.value.token, v.password);
    go({}, { replace: true });
  });
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>Your new password</h1>
      <label>New password<input name="password" type="password" autocomplete="new-password" minlength="8" required autofocus /></label>
      <label>Once more<input name="again" type="password" autocomplete="new-password" minlength="8" required /></label>
      <${Fault} text=${error || fields.password || (fields.token && 'This link is too old, or was used. Ask for another.')} />
      <${Notice} tone="">Everyone signed in with the old password is signed out.<//>
      <button class="main wide" disabled=${busy}>Set it</button>
    </form>`;
}
