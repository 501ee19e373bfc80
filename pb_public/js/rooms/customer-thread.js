// What the customer and the team wrote to each other. Blue: this is the one place whose words reach the customer.

import { send } from '../actions/send.js';
import { html } from '../html.js';
import { Body } from '../parts/body.js';
import { Composer } from '../parts/composer.js';
import { Files } from '../parts/files.js';
import { Pendings } from '../parts/pending.js';
import { Plain } from '../parts/rich-text.js';
import { Face, Pill, Time } from '../parts/small.js';
import { writes } from '../store.js';
import { short } from '../words.js';
import { Deliveries } from './deliveries.js';

/** @import {CustomerMessage, ItemPage} from '../types.js' */

/** @param {string} item */
export const answerDraft = (item) => `answer:${item}`;

/** @param {{page: ItemPage}} props */
export function CustomerThread({ page }) {
  const { item, project } = page;
  const who = item.submitterName || item.submitterEmail || 'the customer';
  const name = item.submitterEmail ? short({ name: item.submitterName, email: item.submitterEmail }) : who;
  const draft = answerDraft(item.id);
  return html`
    <section class="section" aria-label="Customer thread">
      <header class="section-head row wrap"><h2>Customer thread</h2><small class="cut">${[item.submitterName, item.submitterEmail].filter(Boolean).join(' · ')}</small></header>
      <div class="card rail customer">
        <article class="msg">
          <header class="row wrap"><${Face} name=${who} /><b>${who}</b><small><${Time} at=${item.created} />${facts(item.context)}</small></header>
          <${Plain} text=${item.message} />
          <${Files} collection="feedback" record=${item.id} files=${item.files?.length ? item.files : item.attachments ?? []} />
        </article>
        ${page.customerMessages.map((m) => html`<${Message} key=${m.id} m=${m} who=${who} email=${item.submitterEmail} />`)}
        <${Pendings} kind="answer" thread=${item.id} draft=${draft} />
        ${writes(project.role) && (item.submitterEmail
          ? html`<${Composer} draft=${draft} audience="customer" placeholder=${`Answer ${name}…`} button=${`Send to ${name} (customer)`}
              hint="goes by email to the customer" keyHint="A" onSend=${(/** @type {string} */ b, /** @type {File[]} */ f) => send('answer', item.id, b, f)} />`
          : html`<p class="composer-off">No address was given, so nobody can be answered here.</p>`)}
      </div>
    </section>`;
}

/** @param {{m: CustomerMessage, who: string, email: string}} props */
function Message({ m, who, email }) {
  const name = m.direction === 'in' ? m.fromName || who : m.authorName;
  const doubt = m.direction === 'in' && m.trust && m.trust !== 'verified';
  return html`
    <article class="msg">
      <header class="row wrap"><${Face} name=${name} /><b>${name}</b><small><${Time} at=${m.created} /></small>
        ${doubt && html`<${Pill} tone="warn"><span aria-hidden="true">!</span> ${m.trustReason || 'Not verified'}<//>`}
        <span class="grow"></span>${m.delivery && html`<${Deliveries} list=${[m.delivery]} people=${[{ id: '', name: who, email, state: 'active' }]} />`}</header>
      <${Body} m=${m} collection="customer_messages" />
    </article>`;
}

/** Where the form was filled in, when the site told: "Safari on iPhone · /orders/5498". @param {any} context */
function facts(context) {
  if (!context || typeof context !== 'object') return '';
  const words = ['trust', 'browser', 'device', 'page', 'url', 'version'].map((k) => context[k]).filter((v) => typeof v === 'string' && v);
  if (context.channel === 'email') words.unshift('by email');
  return words.length ? ` · ${words.join(' · ')}` : '';
}
