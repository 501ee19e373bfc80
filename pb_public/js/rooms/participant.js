// One outsider of a conversation: their link, and taking them out.

import * as api from '../api.js';
import { act } from '../actions/sides.js';
import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Notice } from '../parts/small.js';
import { short } from '../words.js';

/** @import {Participant} from '../types.js' */

/** @param {{conversation: string, subject: string, p: Participant, close: () => void}} props */
export function ParticipantDialog({ conversation, subject, p, close }) {
  const who = short(p);
  const renew = () => (close(), act(() => api.renewLink(conversation, p.id), `${who} gets a new link with your next message. The old one no longer opens.`));
  const renewURL = () => (close(), act(() => api.renewURL(conversation), 'The conversation’s URL is a new one. Whoever has the old one no longer gets in.'));
  const remove = () => (close(), act(() => api.removeParticipant(conversation, p.id), `${who} gets no more mail, and their link no longer opens.`));
  return html`
    <${Dialog} title=${p.name || p.email} kind="ask" onClose=${close}>
      <p class="dim">${p.email} · in “${subject}”</p>
      ${p.aliases?.length ? html`<p>Also writes from ${p.aliases.join(', ')}.</p>` : null}
      ${p.state === 'bounced' && html`<${Notice} tone="bad"><b>Mail to this address comes back.</b> Check the address; remove it and add the right one.<//>`}
      <ul class="choices">
        <li class="row"><span class="grow"><b>Renew the link</b><small class="block">The portal link in ${who}’s mails stops working; the next message carries a new one.</small></span>
          <button type="button" onClick=${renew}>Renew link</button></li>
        <li class="row"><span class="grow"><b>Renew the conversation’s URL</b><small class="block">Whoever was given the copied URL no longer gets in. Personal links stay.</small></span>
          <button type="button" onClick=${renewURL}>Renew URL</button></li>
        <li class="row"><span class="grow"><b>Remove from the conversation</b><small class="block">No more mail, and the link stops working. What was written stays.</small></span>
          <button type="button" class="danger" onClick=${remove}>Remove ${who}</button></li>
      </ul>
    <//>`;
}
