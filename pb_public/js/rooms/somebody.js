// What a project has of one person, and the two things that can be asked for: all of it, or none of it.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import * as privacy from '../api-privacy.js';
import { html } from '../html.js';
import { useForm } from '../parts/form.js';
import { Fault, Notice } from '../parts/small.js';
import { toast } from '../state.js';
import { count, role } from '../words.js';

/** @import {Project, Somebody as Found} from '../types.js' */

/** @param {{project: Project, done: () => void}} props */
export function Somebody({ project, done }) {
  const [found, setFound] = useState(/** @type {Found|null} */ (null));
  const { busy, error, fields, submit } = useForm(async (v) => {
    setFound(null);
    setFound(await privacy.person(project.id, v.email.trim()));
  });
  const erased = () => (setFound(null), toast('It is under way.'), done());
  return html`
    <section class="settings" aria-label="One person’s data"><h2>One person’s data</h2>
      <p class="dim">Somebody outside, a customer or a colleague: look at what there is, hand it over, or erase it.</p>
      <form class="fields" onSubmit=${submit}>
        <div class="row wrap"><input class="grow" type="email" name="email" aria-label="Their address" placeholder="name@example.com" required autocomplete="off" />
          <button disabled=${busy}>${busy ? 'Looking…' : 'Look'}</button></div>
        <${Fault} text=${fields.email || error} />
      </form>
      ${found && html`<${Card} key=${found.email} project=${project} found=${found} done=${done} erased=${erased} />`}
    </section>`;
}

/** In the order people ask: who wrote what, what came along, where it went. @param {Found} f */
function sums(f) {
  const c = f.counts;
  /** @type {[number, string][]} */
  const list = [
    [c.items, count(c.items, 'item') + ' they sent'], [c.customerMessages, count(c.customerMessages, 'message') + ' in customer threads'],
    [c.sideMessages, count(c.sideMessages, 'message') + ' in side conversations'], [c.conversations, count(c.conversations, 'side conversation') + ' they are on'],
    [c.letters, count(c.letters, 'original letter')], [c.files, count(c.files, 'file')], [c.sent, count(c.sent, 'letter') + ' to them'],
    [c.held, count(c.held, 'held letter')], [c.invitations, count(c.invitations, 'invitation')], [c.mentions, count(c.mentions, 'text') + ' of others with their address'],
  ];
  return list.filter(([n]) => n > 0).map(([, text]) => text);
}

/** @param {{project: Project, found: Found, done: () => void, erased: () => void}} props */
function Card({ project, found, done, erased }) {
  const [busy, setBusy] = useState(false);
  const [erasing, setErasing] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const a = document.createElement('a');
      a.href = URL.createObjectURL(await privacy.exported(project.id, found.email));
      a.download = `${found.email}.zip`;
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
      done();
    } catch (e) {
      toast(api.problem(e).message, { tone: 'bad' });
    }
    setBusy(false);
  };
  const who = found.account ? `${found.account.name}, ${found.account.role ? role(found.account.role).toLowerCase() : 'who left the project'}` : found.names[0]?.name;
  return html`
    <div class="card"><div class="msg fields">
      <p><b>${who ?? found.email}</b> <small>${found.addresses.join(', ')}</small></p>
      <ul class="sums">${sums(found).map((s) => html`<li key=${s}>${s}</li>`)}</ul>
      ${erasing ? html`<${Erase} project=${project} found=${found} erased=${erased} stop=${() => setErasing(false)} />` : html`
        <div class="row wrap"><button type="button" disabled=${busy} onClick=${save}>${busy ? 'Gathering…' : 'Export everything'}</button>
          <button type="button" class="quiet danger" onClick=${() => setErasing(true)}>Erase…</button></div>`}
    </div></div>`;
}

/** @param {{project: Project, found: Found, erased: () => void, stop: () => void}} props */
function Erase({ project, found, erased, stop }) {
  const { busy, error, fields, submit } = useForm(async (v) => {
    const names = found.names.map((n) => n.name).filter((_, i) => v[`name${i}`]);
    await privacy.erase(project.id, found.email, names, v.confirm.trim());
    erased();
  });
  const words = `erase ${found.email}`;
  return html`
    <form class="fields" aria-label=${`Erase ${found.email}`} onSubmit=${submit}>
      <${Notice} tone="bad"><b>What they wrote, with letters and files, is gone for good.</b> A pseudonym stays in its place, such as “Erased person 3f9a”, and that it was done, when, and by whom.<//>
      ${found.names.length > 0 && html`<fieldset class="ticks"><legend class="label">Put the pseudonym into the texts of others too, where they say</legend>
        ${found.names.map((n, i) => html`<label key=${n.name} class="tick"><input type="checkbox" name=${`name${i}`} value="yes" defaultChecked=${n.whole} />
          <span>“${n.name}” <small>${n.mentions ? `in ${count(n.mentions, 'text')}` : 'found nowhere else'}${n.whole ? '' : n.name.includes(' ') ? ' · so they call themselves: is it a name?' : ' · one word: others may be called so'}</small></span></label>`)}</fieldset>`}
      <ul class="sums">${found.words.map((w) => html`<li key=${w}>${w}</li>`)}</ul>
      <label class="field"><span class="label">To confirm, type <b>${words}</b></span><input type="text" name="confirm" required autocomplete="off" spellcheck=${false} autofocus /></label>
      <${Fault} text=${fields.confirm || fields.email || fields.names || fields.role || error} />
      <div class="row wrap"><button class="danger" disabled=${busy}>Erase for good</button><button type="button" class="quiet" onClick=${stop}>Keep everything</button></div>
    </form>`;
}
