// Who works in a project, and as what.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Face } from '../parts/small.js';
import { role } from '../words.js';

/** @param {{project: string}} props */
export function People({ project }) {
  const [all, setAll] = useState(/** @type {Awaited<ReturnType<typeof api.members>>} */ ([]));
  useEffect(() => void api.members(project).then(setAll, () => {}), [project]);
  if (!all.length) return null;
  return html`
    <section class="settings"><h2>People</h2>
      <ul class="roster">${all.map((m) => html`
        <li key=${m.id} class="row"><${Face} name=${m.name || m.email || '?'} /><span class="grow cut">${m.name || m.email || 'A colleague'}</span><small>${role(m.role)}</small></li>`)}</ul>
    </section>`;
}
