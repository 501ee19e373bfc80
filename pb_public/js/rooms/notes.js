// Internal notes. Amber: the team only.

import { send } from '../actions/send.js';
import { html } from '../html.js';
import { Composer } from '../parts/composer.js';
import { Files } from '../parts/files.js';
import { Pendings } from '../parts/pending.js';
import { Markdown } from '../parts/rich-text.js';
import { Face, Time } from '../parts/small.js';
import { pendingOf, writes } from '../store.js';
import { app } from '../state.js';

/** @import {ItemPage} from '../types.js' */

/** @param {string} item */
export const noteDraft = (item) => `note:${item}`;

/** @param {{page: ItemPage}} props */
export function Notes({ page }) {
  const { item, notes, project } = page;
  const draft = noteDraft(item.id);
  const may = writes(project.role);
  if (!may && !notes.length && !pendingOf(app.value, 'note', item.id).length) return null;
  return html`
    <section class="section" aria-label="Internal notes">
      <header class="section-head row"><h2>Internal notes</h2><small>team only</small></header>
      <div class="card rail team">
        ${notes.map((n) => html`
          <article class="msg" key=${n.id}>
            <header class="row wrap"><${Face} name=${n.authorName} /><b>${n.authorName}</b><small><${Time} at=${n.created} /></small></header>
            <${Markdown} text=${n.body} />
            <${Files} collection="notes" record=${n.id} files=${n.files} />
          </article>`)}
        <${Pendings} kind="note" thread=${item.id} draft=${draft} />
        ${may && html`<${Composer} draft=${draft} audience="team" placeholder="Add a note…" button="Add note for the team"
          hint="only your team reads this" keyHint="M" onSend=${(/** @type {string} */ b, /** @type {File[]} */ f) => send('note', item.id, b, f)} />`}
      </div>
    </section>`;
}
