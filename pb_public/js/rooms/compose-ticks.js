// The two ticks of a new side conversation, and under each, spelled out, what it gives away. (With several people, a third.)

import { html } from '../html.js';
import { status } from '../words.js';

/** @import {ItemPage} from '../types.js' */
/** @import {Draft} from './compose.js' */

/** Characters of the customer's words that may go along (SC-05). */
const EXCERPT = 280;

/** @param {{draft: Draft, page: ItemPage, onEdit: (more: Partial<Draft>) => void}} props */
export function Ticks({ draft, page, onEdit }) {
  const { item } = page;
  const who = [item.submitterName, item.submitterEmail].filter(Boolean).join(', ');
  const words = item.message.length > EXCERPT ? `the first ${EXCERPT} characters of what they wrote` : 'what they wrote';
  const along = [`number ${item.number}`, !draft.hideSubmitter && who, `status ${status(item.status)}`, words].filter(Boolean).join(' · ');
  return html`
    <fieldset class="ticks">
      <legend class="unseen">What goes along</legend>
      ${draft.to.length > 1 && html`<${Tick} name="apart" label="Ask each one alone" on=${draft.apart} onEdit=${onEdit}
        tells=${draft.apart ? `${draft.to.length} conversations. None of them learns that others were asked.` : 'One conversation. They see each other’s names and answers.'} />`}
      <${Tick} name="includeContext" label="Include feedback context" on=${draft.includeContext} onEdit=${onEdit}
        tells=${draft.includeContext ? `They read: ${along}.` : 'Nothing about the customer goes along.'} />
      ${draft.includeContext && who && html`<div class="nested"><${Tick} name="hideSubmitter" label="Hide the customer’s name and email" on=${draft.hideSubmitter} onEdit=${onEdit}
        tells=${draft.hideSubmitter ? 'Their name may still stand in what they wrote: look at the letter.' : `They learn that it was ${who}.`} /></div>`}
      <${Tick} name="sharePortal" label="Share portal link" on=${draft.sharePortal} onEdit=${onEdit}
        tells=${draft.sharePortal ? 'A button opens a page with this conversation only, where they can answer without an account. Each gets a link of their own.'
          : 'They can answer by email only.'} />
    </fieldset>`;
}

/** @param {{name: keyof Draft, label: string, on: boolean, tells: string, onEdit: (more: Partial<Draft>) => void}} props */
const Tick = ({ name, label, on, tells, onEdit }) => html`
  <label class="tick"><input type="checkbox" name=${name} checked=${on} onChange=${(/** @type {any} */ e) => onEdit({ [name]: e.currentTarget.checked })} />
    <span><b>${label}</b><small>${tells}</small></span></label>`;
