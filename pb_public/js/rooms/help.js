// Every key, on one page.

import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { KEYS } from '../keys.js';

/** @param {{close: () => void}} props */
export const Help = ({ close }) => html`
  <${Dialog} title="Keyboard" kind="ask" onClose=${close}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div class="row" key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
  <//>`;
