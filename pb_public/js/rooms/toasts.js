// A quiet word in the corner; read aloud politely.

import { html } from '../html.js';
import { change, pick } from '../state.js';
import { toastGone } from '../store.js';

const toasts = pick((s) => s.toasts);

export const Toasts = () => html`
  <div class="toasts" role="status" aria-live="polite">${toasts.value.map((t) => html`
    <div class=${`toast ${t.tone}`} key=${t.id}>
      ${t.href ? html`<a class="grow" href=${t.href} onClick=${() => change(toastGone, t.id)}>${t.text}</a>` : html`<span class="grow">${t.text}</span>`}
      <button type="button" class="bare" aria-label="Dismiss" onClick=${() => change(toastGone, t.id)}>✕</button>
    </div>`)}</div>`;
