// Exactly what they will get: the letter as the server would send it, and the portal page.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Letter } from '../parts/frame.js';
import { count } from '../words.js';

/** @import {Preview, Problem} from '../types.js' */

/** Long enough not to ask at every key, short enough to feel live. */
const WAIT_MS = 350;

/** @param {{values?: Record<string, any>, reply?: {conversation: string, body: string}, files?: File[], names: string}} props */
export function Exactly({ values, reply, files = [], names }) {
  const [seen, setSeen] = useState(/** @type {Preview|null} */ (null));
  const [fault, setFault] = useState(/** @type {Problem|null} */ (null));
  const [tab, setTab] = useState('letter');
  const of = JSON.stringify(values ?? reply);
  useEffect(() => {
    let gone = false;
    const ask = () => (reply ? api.previewReply(reply.conversation, reply.body) : api.preview(values ?? {}));
    const timer = setTimeout(() => ask().then(
      (p) => gone || (setSeen(p), setFault(null)), (e) => gone || setFault(api.problem(e))), seen ? WAIT_MS : 0);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [of]);
  const tabs = [['letter', 'Letter'], ['text', 'Plain text'], ...(seen?.portal && values?.sharePortal !== false ? [['portal', 'Portal page']] : [])];
  const now = tabs.some(([id]) => id === tab) ? tab : 'letter';
  return html`
    <section class="exactly" aria-label="What they will get">
      <header class="row wrap">
        <span class="tabs" role="group" aria-label="Preview">${tabs.map(([id, text]) => html`
          <button type="button" key=${id} aria-pressed=${now === id} onClick=${() => setTab(id)}>${text}</button>`)}</span>
        <span class="grow"></span><small class="cut">as ${names || 'they'} will get it</small>
      </header>
      ${seen ? html`<${Shown} seen=${seen} tab=${now} />` : html`<p class="empty">${fault ? words(fault) : 'The letter appears here as you write.'}</p>`}
      ${seen && fault && html`<p class="stale">${words(fault)} The preview shows what it was before.</p>`}
      ${files.length > 0 && html`<small class="along">with ${count(files.length, 'file')}: ${files.map((f) => f.name).join(', ')}</small>`}
    </section>`;
}

/** @param {{seen: Preview, tab: string}} props */
function Shown({ seen, tab }) {
  if (tab === 'text') return html`<pre class="plain" tabindex="0">${seen.text}</pre>`;
  if (tab === 'portal') return html`<${Letter} key="portal" page=${seen.portal ?? ''} title="The portal page as they will see it" />`;
  return html`
    <p class="letter-subject cut" dir="auto"><small>Subject</small> <b>${seen.subject || 'no subject yet'}</b></p>
    <${Letter} key="letter" page=${seen.html} title="The letter as they will get it" />`;
}

/** @param {Problem} p */
const words = (p) => Object.values(p.fields)[0] ?? p.message;
