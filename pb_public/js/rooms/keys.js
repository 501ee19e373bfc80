// Keys for machines: made by managers, shown once, taken back at once.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import * as people from '../api-people.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';
import { ask, toast } from '../state.js';
import { moment, role, ROLE } from '../words.js';

/** @import {Project} from '../types.js' */
/** @typedef {Awaited<ReturnType<typeof people.keys>>[number]} Key */

/** @param {{project: Project}} props */
export function Keys({ project }) {
  const [all, setAll] = useState(/** @type {Key[]} */ ([]));
  const [fresh, setFresh] = useState({ name: '', secret: '' });
  const load = () => people.keys(project.id).then(setAll, () => {});
  useEffect(() => (setFresh({ name: '', secret: '' }), void load()), [project.id]);
  const revoke = async (/** @type {Key} */ k) => {
    const sure = await ask({ title: `Revoke ${k.name}?`, text: 'Whatever uses this key stops working at once. What it did keeps its name.', yes: 'Revoke' });
    if (!sure) return;
    await people.revokeKey(k.id).then(() => toast('Revoked.'), (e) => toast(api.problem(e).message, { tone: 'bad' }));
    setFresh({ name: '', secret: '' });
    await load();
  };
  return html`
    <section class="settings"><h2>API keys</h2>
      <p class="dim">For other systems. A key is a member of this project: it may do what its role may, and what it does is signed with its name. <a href="/api/openapi.json" target="_blank" rel="noopener">What it can ask for</a></p>
      ${fresh.secret && html`<${Shown} ...${fresh} />`}
      <${Form} project=${project} done=${(/** @type {{name: string, key: string}} */ k) => (setFresh({ name: k.name, secret: k.key }), load())} />
      ${all.length > 0 && html`<ul class="roster">${all.map((k) => html`<li key=${k.id} class="row wrap"><span class="address cut">${k.name} <code>${k.hint}</code></span>
        <small>${role(k.role)} · ${k.lastUsed ? `used ${moment(k.lastUsed)}` : 'never used'}</small>
        <button type="button" class="quiet small danger" aria-label=${`Revoke ${k.name}`} onClick=${() => revoke(k)}>Revoke</button></li>`)}</ul>`}
    </section>`;
}

/** @param {{name: string, secret: string}} props */
function Shown({ name, secret }) {
  const copy = () => navigator.clipboard.writeText(secret).then(() => toast('Copied.'), () => toast('Mark it and copy it by hand.', { tone: 'bad' }));
  return html`<${Notice} role="status" actions=${html`<button type="button" class="small" onClick=${copy}>Copy</button>`}>
    <b>${name}:</b> <code>${secret}</code><br />Copy it now. It is not shown again.<//>`;
}

/** @param {{project: Project, done: (k: {name: string, key: string}) => any}} props */
function Form({ project, done }) {
  const [n, setN] = useState(0);
  const { busy, error, fields, submit } = useForm(async (v) => {
    await done(await people.newKey(project.id, v.name.trim(), v.role));
    setN(n + 1);
  });
  const roles = Object.entries(ROLE).filter(([id]) => id !== 'owner' || project.role === 'owner');
  return html`
    <form class="fields" onSubmit=${submit} key=${n}>
      <div class="row wrap">
        <input class="grow" name="name" aria-label="Name of the key" placeholder="What it is for" maxlength="80" required />
        <select class="select" name="role" aria-label="Role of the key">${roles.map(([id, name]) => html`<option key=${id} value=${id} selected=${id === 'member'}>${name}</option>`)}</select>
        <button class="main" disabled=${busy}>Make key</button>
      </div>
      <${Fault} text=${fields.name || fields.role || error} />
    </form>`;
}
