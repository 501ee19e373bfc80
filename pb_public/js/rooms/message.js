// One message of a side conversation: who, when, by which door, how far it may be trusted, and the words.

import { undo } from '../actions/sides.js';
import { forCustomer } from '../answer.js';
import { html } from '../html.js';
import { Body } from '../parts/body.js';
import { write } from '../parts/composer.js';
import { download } from '../parts/files.js';
import { Face, Pill, Time } from '../parts/small.js';
import { pick, show, toast } from '../state.js';
import { writes } from '../store.js';
import { automatic, list, short, teamOnly, trust } from '../words.js';
import { Context, Warnings } from './along.js';
import { answerDraft } from './customer-thread.js';
import { Deliveries } from './deliveries.js';
import { TeamOnly } from './team-only.js';

/** @import {Conversation, ItemPage, SideMessage} from '../types.js' */

const me = pick((s) => s.me);

/** @param {{m: SideMessage, c: Conversation, page: ItemPage, fresh: boolean}} props */
export function Message({ m, c, page, fresh }) {
  const out = m.direction === 'out';
  const known = c.participants.find((p) => p.id === m.participant);
  const name = out ? m.authorName || 'The team' : m.fromName || known?.name || m.fromEmail || 'Someone';
  const doubtful = teamOnly(m) || m.trust === 'shared_link';
  const machine = automatic(m);
  const head = html`
    <header class="row wrap">
      <${Face} name=${name} unknown=${doubtful} /><b dir="auto">${name}</b>
      <small class="facts"><${Time} at=${m.created} />${facts(m, known?.email ?? '')}</small>
      <${Trust} m=${m} whose=${known ? short(known) : ''} />${fresh && html`<${Pill} tone="outside">new<//>`}${m.late && html`<${Pill} title="It came after the conversation was closed">late<//>`}
      <span class="grow"></span>
      ${waiting(m) && html`<button type="button" class="quiet small" onClick=${() => undo(m, c)}>Undo send</button>`}
      ${out ? html`<${Deliveries} list=${m.deliveries} people=${c.participants} />` : html`<${Tools} m=${m} c=${c} page=${page} />`}
    </header>`;
  if (machine) {
    return html`<article class="msg machine">${head}<details class="auto"><summary>${machine}, kept and folded</summary><${Body} m=${m} collection="side_messages" /></details></article>`;
  }
  return html`<article class="msg" data-message=${m.id}>${head}<${Body} m=${m} collection="side_messages" />
    <${Context} m=${m} /><${Warnings} m=${m} c=${c} may=${writes(page.project.role)} />
    ${teamOnly(m) && html`<${TeamOnly} m=${m} c=${c} may=${writes(page.project.role)} />`}</article>`;
}

/** Mine, and no copy has begun to leave: it waits the seconds I gave myself. @param {SideMessage} m */
const waiting = (m) => m.direction === 'out' && m.author === me.value?.id && m.deliveries.length > 0 &&
  m.deliveries.every((d) => d.state === 'queued' && !d.attempts && new Date(d.nextAttempt) > new Date());

/** " · to Bob, Carl · with feedback context, portal link" or " · by email". @param {SideMessage} m @param {string} known */
function facts(m, known) {
  if (m.direction === 'in') {
    const from = m.fromEmail && m.fromEmail !== known ? ` · ${m.fromEmail}` : '';
    return `${from} · ${m.channel === 'portal' ? 'on the portal' : 'by email'}`;
  }
  const along = [m.includeContext && 'feedback context', m.sharePortal && 'portal link'].filter(Boolean);
  return `${m.to.length ? ` · to ${m.to.join(', ')}` : ''}${along.length ? ` · with ${along.join(', ')}` : ''}`;
}

/** @param {{m: SideMessage, whose: string}} props */
function Trust({ m, whose }) {
  const t = trust(m, whose);
  return t && html`<${Pill} tone=${t.tone}><span aria-hidden="true">${t.mark}</span> ${t.text}<//>`;
}

/** What may be done with an outsider's message; quiet until pointed at. @param {{m: SideMessage, c: Conversation, page: ItemPage}} props */
function Tools({ m, c, page }) {
  const use = () => {
    const chosen = String(getSelection() ?? '').trim();
    const { text, leftOut } = forCustomer(chosen && m.body.includes(chosen) ? chosen : m.body, [...c.participants, { name: m.fromName, email: m.fromEmail }]);
    write(answerDraft(page.item.id), text);
    toast(leftOut.length ? `Put into your answer to the customer, without ${list(leftOut)}. Read it before you send it.`
      : 'Put into your answer to the customer. Read it before you send it.');
  };
  return html`<span class="row tight tools">
    ${writes(page.project.role) && page.item.submitterEmail && m.body.trim() && html`<button type="button" class="quiet small" onClick=${use}>Use in answer</button>`}
    ${m.channel === 'email' && html`<details class="menu-of"><summary class="button quiet small" aria-label="More about this message">More</summary><div class="menu">
      <button type="button" class="place" onClick=${() => show('trace', { message: m.id })}>Why is it here?</button>
      ${writes(page.project.role) && html`<button type="button" class="place" onClick=${() => download(`/api/side-messages/${m.id}/raw`, 'message.eml')}>Download the original</button>`}
    </div></details>`}</span>`;
}

