// Ways in beside the password, as far as the operator has set them up: a one-time code by mail, and other companies' accounts.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { enter } from '../actions/session.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';

/** @typedef {Awaited<ReturnType<typeof api.waysIn>>} Ways */

/** What is configured; nothing more than the password until the server has said so. */
export function useWays() {
  const [ways, setWays] = useState(/** @type {Ways} */ ({ password: true, code: false, providers: [] }));
  useEffect(() => void api.waysIn().then(setWays, () => {}), []);
  return ways;
}

/** @param {{ways: Ways, byCode?: () => void, invitation?: string, then?: () => Promise<void>}} props then: what is done once signed in */
export function OtherWays({ ways, byCode, invitation, then = enter }) {
  const [error, setError] = useState('');
  const by = async (/** @type {string} */ provider) => {
    try {
      await api.signInWith(provider, invitation);
      await then();
    } catch (e) {
      const p = api.problem(e);
      setError(p.status === 0 ? 'The other window was closed before it was done.' : p.message);
    }
  };
  if (!(ways.code && byCode) && !ways.providers.length) return null;
  return html`<div class="stack">
    ${ways.code && byCode && html`<button type="button" class="wide" onClick=${byCode}>Email me a code</button>`}
    ${ways.providers.map((p) => html`<button type="button" class="wide" key=${p.name} onClick=${() => by(p.name)}>Go on with ${p.title}</button>`)}
    <${Fault} text=${error} /></div>`;
}

/**
 * A code by mail: as the whole way in, or as its second half when the operator asks for two (mfa).
 * @param {{email?: string, mfa?: string, back: () => void}} props
 */
export function ByCode({ email = '', mfa = '', back }) {
  const [sent, setSent] = useState({ id: '', to: '' });
  const ask = useForm(async (v) => setSent({ id: await api.sendCode(v.email.trim()), to: v.email.trim() }));
  const give = useForm(async (v) => {
    await api.signInByCode(sent.id, v.code.trim(), mfa).catch((/** @type {any} */ e) => {
      const p = api.problem(e);
      throw p.status === 400 ? { ...p, message: 'This is not the code, or it is too old.', fields: {} } : p;
    });
    await enter();
  });
  const form = sent.id ? give : ask;
  return html`
    <form class="fields" key=${sent.id} onSubmit=${form.submit}>
      <h1>${mfa ? 'And a code' : 'A code by mail'}</h1>
      ${mfa && !sent.id && html`<${Notice} tone="">Your password is right. This server asks for a code from your mail too.<//>`}
      ${sent.id ? html`<p>If ${sent.to} belongs to someone here, a code is in its mail.</p>
        <label>Code<input name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus /></label>`
        : html`<label>Email<input name="email" type="email" autocomplete="username" defaultValue=${email} required autofocus /></label>`}
      <${Fault} text=${form.error || form.fields.email} />
      <button class="main wide" disabled=${form.busy}>${sent.id ? 'Sign in' : 'Send me a code'}</button>
      <button type="button" class="quiet wide" onClick=${back}>Back to sign in</button>
    </form>`;
}
