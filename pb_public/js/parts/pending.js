// What was sent and is not known to have arrived: said in so many words, with the way on.

import { html } from '../html.js';
import { discard, retry } from '../actions/send.js';
import { app } from '../state.js';
import { pendingOf } from '../store.js';
import { write } from './composer.js';
import { Notice } from './small.js';
import { Markdown } from './rich-text.js';

/** @import {Pending, ThreadKind} from '../types.js' */

/** @param {{kind: ThreadKind, thread: string, draft: string}} props */
export const Pendings = ({ kind, thread, draft }) =>
  pendingOf(app.value, kind, thread).map((p) => html`<${One} key=${p.key} p=${p} draft=${draft} />`);

/** @param {{p: Pending, draft: string}} props */
function One({ p, draft }) {
  const edit = () => {
    discard(p.key);
    write(draft, p.body);
  };
  const lost = p.fileNames.length > p.files.length;
  return html`
    <article class=${`msg pending ${p.state}`}>
      <header class="row"><b>You</b><small>${p.state === 'sending' ? 'sending…' : 'not sent'}</small></header>
      <${Markdown} text=${p.body} />
      ${p.fileNames.length > 0 && html`<small>${p.fileNames.join(', ')}</small>`}
      ${p.state === 'failed' && html`
        <${Notice} tone="bad" role="alert" actions=${html`
          ${!lost && html`<button type="button" class="small" onClick=${() => retry(p)}>Retry</button>`}
          <button type="button" class="quiet small" onClick=${edit}>Edit</button>`}>
          <b>Not sent.</b> ${p.error}${lost && ' Its files are no longer here: press Edit and attach them again.'}
        <//>`}
    </article>`;
}
