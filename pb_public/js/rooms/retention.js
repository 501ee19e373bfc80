// Retention: after how many days closed items go, and which the next run takes, before it runs.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import * as privacy from '../api-privacy.js';
import { reloadProjects } from '../actions/projects.js';
import { html } from '../html.js';
import { Fault, Notice, Time } from '../parts/small.js';
import { format } from '../route.js';
import { toast } from '../state.js';
import { count, date, whole } from '../words.js';

/** @import {Project} from '../types.js' */
/** @typedef {Awaited<ReturnType<typeof privacy.retention>>} Preview */

/** @param {{project: Project}} props */
export function Retention({ project }) {
  const saved = project.retentionDays ?? 0;
  const [days, setDays] = useState(saved);
  const [next, setNext] = useState(/** @type {Preview|null} */ (null));
  const [fault, setFault] = useState('');
  useEffect(() => {
    let late = false;
    privacy.retention(project.id, days).then((p) => !late && (setNext(p), setFault('')), (e) => !late && (setNext(null), setFault(api.problem(e).message)));
    return () => void (late = true);
  }, [project.id, days, saved]);
  const save = async (/** @type {any} */ e) => {
    e.preventDefault();
    await api.saveProject(project.id, { retentionDays: days }).then(() => toast('Saved.'), (err) => setFault(api.problem(err).message));
    await reloadProjects();
  };
  const type = (/** @type {any} */ e) => setDays(Math.max(0, Math.trunc(Number(e.currentTarget.value)) || 0));
  return html`
    <form class="settings fields" aria-label="Retention" onSubmit=${save}><h2>Retention</h2>
      <p class="dim">Items that are resolved or archived are deleted for good, with messages, letters and files, once nothing has happened on them for so many days. Open items stay, and so does one with a letter still on its way.</p>
      <label class="field short"><span class="label">Delete closed items after, in days <small>0: never</small></span><input type="number" name="retentionDays" min="0" max="3650" value=${days} onInput=${type} /></label>
      <${Fault} text=${fault} />
      ${next && html`<${Next} next=${next} project=${project.id} changed=${days !== saved} />`}
      <div class="row"><button class="main" disabled=${days === saved}>Save</button></div>
    </form>`;
}

/** @param {{next: Preview, project: string, changed: boolean}} props */
function Next({ next, project, changed }) {
  if (!next.days) return html`<p class="dim">Nothing is deleted by itself.</p>`;
  const at = whole(date(next.at));
  const words = next.count ? `${changed ? 'The first run' : 'The next run'}, on ${at}, deletes ${count(next.count, 'item')}${next.count > next.items.length ? `. The first ${next.items.length}:` : ':'}`
    : `${changed ? 'The first run' : 'The next run'} is on ${at}. As things stand it deletes nothing.`;
  return html`
    <${Notice} tone=${next.count ? 'warn' : ''} role="status">${words}<//>
    ${next.count > 0 && html`<ul class="log">${next.items.map((i) => html`<li key=${i.id} class="line"><${Time} at=${i.lastActivity} />
      <a class="cut" href=${format({ room: 'item', project, item: i.id })}>#${i.number} ${i.title}</a></li>`)}</ul>`}`;
}
