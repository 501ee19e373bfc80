// "Which side conversation does it belong to?": for held mail that nothing else can place.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Empty, Fault, Pill } from '../parts/small.js';

/** @import {Found} from '../types.js' */

const WAIT_MS = 200;

/** @param {{project: string, title: string, done: (c: Found) => void, close: () => void}} props */
export function PickConversation({ project, title, done, close }) {
  const [q, setQ] = useState('');
  const [found, setFound] = useState(/** @type {Found[]|null} */ (null));
  const [error, setError] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => api.conversations(project, q.trim()).then(setFound, (e) => setError(api.problem(e).message)), found ? WAIT_MS : 0);
    return () => clearTimeout(timer);
  }, [project, q]);
  return html`
    <${Dialog} title=${title} onClose=${close}>
      <label class="field"><span class="label">Subject, or an item’s number</span>
        <input type="search" autofocus value=${q} onInput=${(/** @type {any} */ e) => setQ(e.currentTarget.value)} /></label>
      <${Fault} text=${error} />
      ${found?.length === 0 && html`<${Empty}>No side conversation is called that.<//>`}
      <ul class="found">${found?.map((c) => html`
        <li key=${c.id}><button type="button" class="place" onClick=${() => (close(), done(c))}>
          <span class="grow cut"><b>${c.subject}</b> <small>#${c.number} ${c.submitter}</small></span>${c.status === 'closed' && html`<${Pill}>Closed<//>`}</button></li>`)}</ul>
    <//>`;
}
