// Who works in a project, and as what. Managers change roles and send people away; the server keeps the last owner.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { reloadProjects } from '../actions/projects.js';
import { html } from '../html.js';
import { Select } from '../parts/select.js';
import { Face } from '../parts/small.js';
import { ask, go, pick, toast } from '../state.js';
import { manages } from '../store.js';
import { role, ROLE } from '../words.js';
import { Invitations } from './invitations.js';

/** @import {Project, Role} from '../types.js' */
/** @typedef {Awaited<ReturnType<typeof api.members>>[number]} Member */

const me = pick((s) => s.me?.id ?? '');

/** @param {{project: Project}} props */
export function People({ project }) {
  const [all, setAll] = useState(/** @type {Member[]} */ ([]));
  const load = () => api.members(project.id).then((list) => setAll(list.filter((m) => !m.machine)), () => {});
  useEffect(() => void load(), [project.id]);
  if (!all.length) return null;
  return html`
    <section class="settings"><h2>People</h2>
      <ul class="roster">${all.map((m) => html`<${Row} key=${m.id} m=${m} project=${project} reload=${load} />`)}</ul>
    </section>
    ${manages(project.role) && html`<${Invitations} project=${project} />`}`;
}

/** @param {{m: Member, project: Project, reload: () => Promise<any>}} props */
function Row({ m, project, reload }) {
  const mine = m.user === me.value;
  const name = m.name || m.email || 'A colleague';
  const may = manages(project.role) && !mine && (m.role !== 'owner' || project.role === 'owner');
  const options = /** @type {[string, string][]} */ (Object.entries(ROLE).filter(([id]) => id !== 'owner' || project.role === 'owner'));
  const act = async (/** @type {Promise<any>} */ done, /** @type {string} */ words) => {
    await done.then(() => toast(words), (e) => toast(api.problem(e).message, { tone: 'bad' }));
    await reload();
  };
  const change = async (/** @type {Role} */ to) => {
    const sure = to !== 'owner' || (await ask({ title: `Make ${name} an owner?`, text: 'An owner can do everything, and can change your role too. To hand the project over, give yourself another role afterwards: ask the new owner, or leave.', yes: 'Make owner' }));
    if (sure) await act(api.setRole(m.id, to), 'Saved.');
    else await reload();
  };
  const remove = async () => {
    const sure = await ask({ title: `Remove ${name}?`, text: 'They lose this project at once: its items, files, news and mail. What they wrote stays. Items they looked after are free again.', yes: 'Remove' });
    if (sure) await act(api.removeMember(m.id), `${name} is removed.`);
  };
  const leave = async () => {
    const sure = await ask({ title: `Leave ${project.name}?`, text: 'You lose this project at once. Only an invitation brings you back.', yes: 'Leave' });
    if (!sure) return;
    try {
      await api.removeMember(m.id);
      await reloadProjects();
      go({}, { replace: true });
    } catch (e) {
      toast(api.problem(e).message, { tone: 'bad' });
    }
  };
  return html`<li class="row"><${Face} name=${name} /><span class="grow cut">${name}${mine ? ' (you)' : ''}</span>
    ${may ? html`<${Select} label=${`Role of ${name}`} value=${m.role} options=${options} onPick=${change} />` : html`<small>${role(m.role)}</small>`}
    ${may && html`<button type="button" class="quiet small danger" aria-label=${`Remove ${name}`} onClick=${remove}>Remove</button>`}
    ${mine && html`<button type="button" class="quiet small" onClick=${leave}>Leave</button>`}</li>`;
}
