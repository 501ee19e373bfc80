// Who is asked to join: invite by email, and what is open still.

import { useEffect, useState } from 'preact/hooks';
import * as api from '../api.js';
import * as people from '../api-people.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault } from '../parts/small.js';
import { pick, toast } from '../state.js';
import { date, dayOf, role, ROLE } from '../words.js';

/** @import {Project} from '../types.js' */
/** @typedef {Awaited<ReturnType<typeof people.invitations>>[number]} Open */

const mail = pick((s) => s.status?.mailDomain ?? '');

/** @param {{project: Project}} props */
export function Invitations({ project }) {
  const [open, setOpen] = useState(/** @type {Open[]} */ ([]));
  const load = () => people.invitations(project.id).then(setOpen, () => {});
  useEffect(() => void load(), [project.id]);
  const act = async (/** @type {Promise<any>} */ done, /** @type {string} */ words) => {
    await done.then(() => toast(words), (e) => toast(api.problem(e).message, { tone: 'bad' }));
    await load();
  };
  return html`
    <section class="settings"><h2>Invitations</h2>
      <${Form} project=${project} done=${load} />
      ${open.length > 0 && html`<ul class="roster">${open.map((i) => {
        const over = date(i.expires) < new Date();
        return html`<li key=${i.id} class="row wrap"><span class="address cut">${i.email}</span><small>${role(i.role)} · ${over ? 'too old' : `until ${dayOf(date(i.expires))}`}</small>
          <button type="button" class="quiet small" aria-label=${`Send the invitation to ${i.email} again`} onClick=${() => act(people.reinvite(i.id), `Sent again to ${i.email}. The old link has stopped.`)}>Send again</button>
          <button type="button" class="quiet small danger" aria-label=${`Withdraw the invitation to ${i.email}`} onClick=${() => act(people.withdraw(i.id), 'Withdrawn. Its link has stopped.')}>Withdraw</button></li>`;
      })}</ul>`}
    </section>`;
}

/** @param {{project: Project, done: () => Promise<any>}} props */
function Form({ project, done }) {
  const [n, setN] = useState(0);
  const { busy, error, fields, submit } = useForm(async (v) => {
    await people.invite(project.id, v.email.trim(), v.role);
    toast(`An invitation is on its way to ${v.email.trim()}.`);
    setN(n + 1);
    await done();
  });
  if (!mail.value) return html`<p class="dim">Invitations go by mail, and no mail domain is set yet.</p>`;
  return html`
    <form class="fields" onSubmit=${submit} key=${n}>
      <div class="row wrap">
        <input class="grow" name="email" type="email" aria-label="Email of a colleague" placeholder="colleague@example.com" required />
        <select class="select" name="role" aria-label="Role">${Object.entries(ROLE).filter(([id]) => id !== 'owner').map(([id, name]) => html`<option key=${id} value=${id} selected=${id === 'member'}>${name}</option>`)}</select>
        <button class="main" disabled=${busy}>Invite</button>
      </div>
      <${Fault} text=${fields.email || fields.role || error} />
      <small class="dim">The letter holds a link for that address alone. It works once, for seven days.</small>
    </form>`;
}
