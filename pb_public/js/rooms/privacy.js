// Privacy: what goes by itself, what there is of somebody, and what was done. For those who manage the project.

import { useEffect, useState } from 'preact/hooks';
import * as privacy from '../api-privacy.js';
import { html } from '../html.js';
import { Empty, Notice, Pill, Time } from '../parts/small.js';
import { format } from '../route.js';
import { here } from '../state.js';
import { manages } from '../store.js';
import { Retention } from './retention.js';
import { Somebody } from './somebody.js';

/** @import {PrivacyLine, Project} from '../types.js' */

/** How often the page looks while something is being erased. */
const LOOK_MS = 2000;

export function Privacy() {
  const p = here.value;
  if (!p) return null;
  return html`
    <main class="page" aria-label="Privacy" key=${p.id}>
      <header class="page-head"><h1>Privacy</h1>
        <p class="dim">${p.name} · <a href=${format({ room: 'settings', project: p.id })}>Project settings</a></p></header>
      ${manages(p.role) ? html`<${Managed} project=${p} />` : html`<${Notice} tone="">Owners and admins see to this.<//>`}
    </main>`;
}

/** @param {{project: Project}} props */
function Managed({ project }) {
  const [lines, setLines] = useState(/** @type {PrivacyLine[]|null} */ (null));
  const load = () => privacy.log(project.id).then(setLines, () => {});
  useEffect(() => void load(), [project.id]);
  const busy = !!lines?.some((l) => l.state !== 'done');
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(load, LOOK_MS);
    return () => clearInterval(timer);
  }, [busy, project.id]);
  return html`<${Retention} project=${project} /><${Somebody} project=${project} done=${load} /><${Log} lines=${lines} />`;
}

/** @type {Record<PrivacyLine['state'], {text: string, tone: string}>} */
const STATE = { queued: { text: 'begins', tone: '' }, running: { text: 'under way', tone: '' }, waiting: { text: 'waits', tone: 'warn' }, done: { text: 'done', tone: 'good' } };

/** @param {{lines: PrivacyLine[]|null}} props */
function Log({ lines }) {
  return html`
    <section class="settings" aria-label="What was done"><h2>What was done</h2>
      ${lines?.length === 0 && html`<${Empty}>Nothing yet. Exports, erasures and what retention deleted are written down here.<//>`}
      <ul class="log" aria-live="polite">${lines?.map((l) => html`<li key=${l.id} class="line"><${Time} at=${l.created} />
        <span>${l.text} ${l.kind === 'erase' && html`<${Pill} tone=${STATE[l.state].tone}>${STATE[l.state].text}<//>`} ${l.waiting && html`<small>${l.waiting}</small>`}</span></li>`)}</ul>
    </section>`;
}
