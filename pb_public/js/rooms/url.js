// The conversation's URL, to be copied by hand where the browser will not copy it for us.

import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';

/** @param {{url: string, close: () => void}} props */
export const URLDialog = ({ url, close }) => html`
  <${Dialog} title="Conversation URL" kind="ask" onClose=${close}>
    <p>Whoever has it can read this conversation and answer, with the name they give.</p>
    <input type="text" readonly aria-label="Conversation URL" value=${url} onFocus=${(/** @type {any} */ e) => e.currentTarget.select()} autofocus />
  <//>`;
