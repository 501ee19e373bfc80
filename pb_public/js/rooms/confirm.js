// A question in so many words. Closing it in any way but "yes" means no.

import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';

/** @param {{title: string, text: string, yes: string, no?: string, also?: string, done: (answer: boolean|'also') => void, close: () => void}} props */
export function Confirm({ title, text, yes, no = 'Cancel', also, done, close }) {
  const answer = (/** @type {boolean|'also'} */ a) => (close(), done(a));
  const actions = html`
    <button type="button" class="quiet" autofocus onClick=${() => answer(false)}>${no}</button><span class="grow"></span>
    ${also && html`<button type="button" onClick=${() => answer('also')}>${also}</button>`}
    <button type="button" class="main" onClick=${() => answer(true)}>${yes}</button>`;
  return html`<${Dialog} title=${title} kind="ask" onClose=${() => answer(false)} actions=${actions}><p>${text}</p><//>`;
}
