// Who works in a project, and as what. Managers change roles; the server keeps the last owner.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Select } from '../parts/select.js';
import { Face } from '../parts/small.js';
import { pick, toast } from '../state.js';
import { manages } from '../store.js';
import { role, ROLE } from '../words.js';

/** @import {Project, Role} from '../types.js' */

const me = pick((s) => s.me?.id ?? '');

/** @param {{project: Project}} props */
export function People({ project }) {
  const [all, setAll] = useState(/** @type {Awaited<ReturnType<typeof api.members>>} */ ([]));
  const load = () => api.members(project.id).then(setAll, () => {});
  useEffect(() => void load(), [project.id]);
  const change = async (/** @type {string} */ id, /** @type {Role} */ to) => {
    await api.setRole(id, to).then(() => toast('Saved.'), (e) => toast(api.problem(e).message, { tone: 'bad' }));
    await load();
  };
  if (!all.length) return null;
  const options = /** @type {[string, string][]} */ (Object.entries(ROLE).filter(([id]) => id !== 'owner' || project.role === 'owner'));
  return html`
    <section class="settings"><h2>People</h2>
      <ul class="roster">${all.map((m) => {
        const name = m.name || m.email || 'A colleague';
        const may = manages(project.role) && m.user !== me.value && (m.role !== 'owner' || project.role === 'owner');
        return html`<li key=${m.id} class="row"><${Face} name=${name} /><span class="grow cut">${name}</span>
          ${may ? html`<${Select} label=${`Role of ${name}`} value=${m.role} options=${options} onPick=${(/** @type {Role} */ to) => change(m.id, to)} />` : html`<small>${role(m.role)}</small>`}</li>`;
      })}</ul>
    </section>`;
}
