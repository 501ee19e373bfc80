// The first page of a fresh server: one person, one project, and it works.

import * as api from '../api.js';
import { enter } from '../actions/session.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';
import { app, set } from '../state.js';

export function Setup() {
  const { busy, error, fields, submit } = useForm(async (v) => {
    await api.setUp(v);
    await api.signIn(v.email.trim(), v.password);
    const status = app.value.status;
    set({ status: status && { ...status, setup: false } });
    await enter();
  });
  return html`
    <form class="fields" onSubmit=${submit}>
      <h1>Welcome. Who is first?</h1>
      <p class="dim">Nobody has an account on this server yet. Yours owns the first project; you invite the others from its settings.</p>
      ${app.value.status?.setupCode && html`<label>Setup code<input name="code" autocomplete="off" spellcheck="false" required /><small>It was printed where Aside was started.</small></label><${Fault} text=${fields.code} />`}
      <label>Your name<input name="name" autocomplete="name" required autofocus /></label><${Fault} text=${fields.name} />
      <label>Email<input name="email" type="email" autocomplete="username" required /></label><${Fault} text=${fields.email} />
      <label>Password<input name="password" type="password" autocomplete="new-password" minlength="8" required /></label><${Fault} text=${fields.password} />
      <label>Project<input name="project" placeholder="Your company or product" required /></label><${Fault} text=${fields.project} />
      <${Notice} tone="">The same email and password also open the operator's <a href="/_/">dashboard</a>, where plans, mail settings and backups are. They can be changed there apart from each other.<//>
      <${Fault} text=${error} />
      <button class="main wide" disabled=${busy}>${busy ? 'Setting up…' : 'Set up'}</button>
    </form>`;
}
