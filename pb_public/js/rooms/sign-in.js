// The door: email and password, and a way back in for who forgot.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { enter } from '../actions/session.js';
import { html } from '../html.js';
import { Fault, Notice } from '../parts/small.js';
import { app, go, route } from '../state.js';

export function SignIn() {
  const [forgot, setForgot] = useState(false);
  const name = app.value.status?.name || 'Aside';
  const body = route.value.room === 'reset' ? html`<${NewPassword} />`
    : forgot ? html`<${Forgot} back=${() => setForgot(false)} />` : html`<${Enter} forgot=${() => setForgot(true)} />`;
  return html`<main class="door"><div class="door-card"><p class="brand">${name}</p>${body}</div></main>`;
}

/** @param {(values: Record<string, string>) => Promise<any>} act */
function useForm(act) {
  const [state, setState] = useState({ busy: false, error: '' });
  const submit = async (/** @type {any} */ e) => {
    e.preventDefault();
    const values = Object.fromEntries(new FormData(e.currentTarget));
    setState({ busy: true, error: '' });
    try {
      await act(/** @type {any} */ (values));
      setState({ busy: false, error: '' });
    } catch (err) {
      const p = api.problem(err);
      const wrong = p.status === 400 && 'password' in values && !('again' in values);
      setState({ busy: false, error: wrong ? 'This email and password do not go together.' : p.message });
    }
  };
  return { ...state, submit };
}

/** @param {{forgot: () => void}} props */
function Enter({ forgot }) {
  const { busy, error, submit } = useForm(async (v) => {
    await api.signIn(v.email.trim(), v.password);
    await enter();
  });
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>Sign in</h1>
      ${app.value.status?.setup && html`<${Notice}><b>Nobody has an account yet.</b> The operator makes the first one in the <a href="/_/">dashboard</a>, under users.<//>`}
      <label>Email<input name="email" type="email" autocomplete="username" required autofocus /></label>
      <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>
      <${Fault} text=${error} />
      <button class="main wide" disabled=${busy}>${busy ? 'Signing in…' : 'Sign in'}</button>
      <button type="button" class="quiet wide" onClick=${forgot}>I forgot my password</button>
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
  const { busy, error, submit } = useForm(async (v) => {
    if (v.password !== v.again) throw { status: 0, message: 'The two passwords differ.', fields: {} };
    await api.newPassword(route.value.token, v.password);
    go({}, { replace: true });
  });
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>Your new password</h1>
      <label>New password<input name="password" type="password" autocomplete="new-password" minlength="8" required autofocus /></label>
      <label>Once more<input name="again" type="password" autocomplete="new-password" minlength="8" required /></label>
      <${Fault} text=${error} />
      <${Notice} tone="">Everyone signed in with the old password is signed out.<//>
      <button class="main wide" disabled=${busy}>Set it</button>
    </form>`;
}
