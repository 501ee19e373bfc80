// "Why is it here?": how an inbound message found its way, check by check.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Bones, Fault, Pill } from '../parts/small.js';

/** @import {Trace} from '../types.js' */

/** @type {Record<string, string>} */
const NAMES = { remote: 'Came from', helo: 'Called itself', from: 'Envelope sender', to: 'Sent to', tls: 'Encrypted', received: 'Received' };

/** @param {{message: string, close: () => void}} props */
export function TraceDialog({ message, close }) {
  const [trace, setTrace] = useState(/** @type {Trace|null} */ (null));
  const [error, setError] = useState('');
  useEffect(() => void api.trace(message).then(setTrace, (e) => setError(api.problem(e).message)), [message]);
  return html`
    <${Dialog} title="Why is it here?" onClose=${close}>
      <${Fault} text=${error} />
      ${!trace && !error && html`<${Bones} lines=${6} />`}
      ${trace && html`
        <p>${trace.decision}</p>
        ${trace.checks?.length > 0 && html`<ul class="checks">${trace.checks.map((c) => html`
          <li key=${c.name} class="row"><b>${c.name}</b><${Pill} tone=${tone(c.result)}>${c.result}<//><span class="grow">${c.detail}</span></li>`)}</ul>`}
        <dl class="envelope">${Object.entries(trace.envelope ?? {}).filter(([, v]) => v !== '' && v !== null).map(([k, v]) => html`
          <div class="row" key=${k}><dt>${NAMES[k.toLowerCase()] ?? k}</dt><dd>${say(v)}</dd></div>`)}</dl>`}
    <//>`;
}

/** @param {string} result */
const tone = (result) => (result === 'pass' || result === 'yes' ? 'good' : /fail|error|twice|^no$/.test(result) ? 'warn' : '');

/** @param {any} v */
const say = (v) => (v === true ? 'yes' : v === false ? 'no' : Array.isArray(v) ? v.join(', ') : typeof v === 'object' ? JSON.stringify(v) : String(v));
