// Mail set-up, for those who manage a project: what others see of this server, and the line to paste where something is missing.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Fault, Pill } from '../parts/small.js';

/** @import {Check, Project} from '../types.js' */

/** @type {Record<Check['status'], {text: string, tone: string}>} */
const WORDS = { pass: { text: 'fine', tone: 'good' }, warn: { text: 'could be better', tone: 'warn' }, fail: { text: 'does not work', tone: 'bad' } };

/** @param {{project: Project}} props */
export function Doctor({ project }) {
  const [found, setFound] = useState(/** @type {{domain: string, checks: Check[], zone: string[]}|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const examine = async () => {
    setBusy(true);
    try {
      setFound(await api.doctor(project.id));
      setError('');
    } catch (e) {
      setError(api.problem(e).message);
    }
    setBusy(false);
  };
  return html`
    <section class="settings" aria-label="Mail set-up"><h2>Mail set-up</h2>
      <p class="dim">Names, signatures, ports and clock, as other mail servers see them. Looking asks some of them.</p>
      <div class="row"><button type="button" disabled=${busy} onClick=${examine}>${busy ? 'Looking…' : 'Check it now'}</button></div>
      <${Fault} text=${error} />
      ${found && html`<ul class="checks" aria-live="polite">${found.checks.map((c) => html`<${Finding} key=${c.name} c=${c} />`)}</ul>`}
      ${found?.zone.length ? html`<details><summary>All lines to publish for ${found.domain}</summary><pre class="paste">${found.zone.join('\n')}</pre></details>` : null}
    </section>`;
}

/** @param {{c: Check}} props */
function Finding({ c }) {
  const w = WORDS[c.status];
  return html`<li><b>${c.name}</b> <${Pill} tone=${w.tone}>${w.text}<//> <span>${c.says}</span>${c.paste && html`<pre class="paste">${c.paste}</pre>`}</li>`;
}
