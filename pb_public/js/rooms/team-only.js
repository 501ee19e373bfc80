// "Shown to your team only": an answer whose sender is in doubt, why, and what can be done about it.

import { accept } from '../actions/sides.js';
import { html } from '../html.js';
import { Notice } from '../parts/small.js';
import { ask, show } from '../state.js';
import { nameOf, receivers } from '../words.js';

/** @import {Conversation, SideMessage} from '../types.js' */

/** @param {{m: SideMessage, c: Conversation, may: boolean}} props */
export function TeamOnly({ m, c, may }) {
  const whose = m.participant ? nameOf(m.participant, c.participants) : 'someone';
  const other = m.trust === 'other_sender';
  const reason = m.trustReason ? sentence(m.trustReason) : other ? 'It comes from another sender.' : 'Nothing proves who sent it.';
  const why = /reply address/.test(reason) || !m.participant ? reason : `It came through ${whose}’s reply address. ${reason}`;
  const taking = receivers(c.participants).some((p) => p.email.toLowerCase() === m.fromEmail.toLowerCase());
  const actions = html`
    ${may && html`<button type="button" class="small" onClick=${() => accept(m, 'message')} title="Show it to everyone in the conversation">Accept</button>`}
    ${may && other && m.participant && html`<button type="button" class="quiet small" onClick=${() => alias(m, whose)}>This is ${whose}</button>`}
    ${may && other && !taking && html`<button type="button" class="quiet small" onClick=${() => accept(m, 'participant')}>Add as participant</button>`}
    <button type="button" class="quiet small" onClick=${() => show('trace', { message: m.id })}>Why is it here?</button>`;
  return html`<${Notice} actions=${actions}><b>Shown to your team only.</b> ${why}<//>`;
}

/** @param {string} s */
const sentence = (s) => (/[.!?]$/.test(s) ? s : `${s}.`);

/** A second address stays trusted for good, so it is asked about. @param {SideMessage} m @param {string} whose */
async function alias(m, whose) {
  const yes = await ask({
    title: `Is ${m.fromEmail} ${whose}?`,
    text: `From now on, mail from ${m.fromEmail} counts as ${whose}’s. If in doubt, ask ${whose} by another way first.`,
    yes: `Yes, this is ${whose}`,
  });
  if (yes) accept(m, 'alias');
}
