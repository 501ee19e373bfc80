// New side conversation: to whom, about what, what goes along; and beside it what exactly they will get.

import { useEffect, useRef, useState } from 'preact/hooks';
import { format } from '../addresses.js';
import { newKey } from '../actions/send.js';
import { start } from '../actions/sides.js';
import * as drafts from '../drafts.js';
import { html } from '../html.js';
import { Attach, Chosen, fileDrop } from '../parts/files.js';
import { Fault, Key } from '../parts/small.js';
import { ToField } from '../parts/to-field.js';
import { set } from '../state.js';
import { audience, short } from '../words.js';
import { Ticks } from './compose-ticks.js';
import { Exactly } from './exactly.js';

/** @import {ItemPage, Person, Problem} from '../types.js' */

/** @typedef {{to: Person[], subject: string, message: string, includeContext: boolean, hideSubmitter: boolean, sharePortal: boolean, apart: boolean}} Draft */

/** Least disclosure: the customer's words go along only when ticked. @type {Draft} */
const EMPTY = { to: [], subject: '', message: '', includeContext: false, hideSubmitter: false, sharePortal: true, apart: false };

/** As the server takes it. @param {Draft} d @param {string} feedback @param {Person[]} [to] */
export const body = (d, feedback, to = d.to) => ({
  feedback, to: to.map(format), subject: d.subject.trim(), message: d.message,
  includeContext: d.includeContext, hideSubmitter: d.includeContext && d.hideSubmitter, sharePortal: d.sharePortal,
});

/** @param {Draft} d @param {string} key */
function keep(d, key) {
  if (d.to.length || d.subject || d.message) drafts.keep(key, d);
  else drafts.forget(key);
}

/** @param {{page: ItemPage}} props */
export function Compose({ page }) {
  const stored = `new:${page.item.id}`;
  const [draft, setDraft] = useState(() => ({ ...EMPTY, ...drafts.load(stored, EMPTY) }));
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(/** @type {Problem|null} */ (null));
  const [tab, setTab] = useState('write');
  const key = useRef({ of: '', key: '' });
  const card = useRef(/** @type {HTMLDivElement|null} */ (null));
  useEffect(() => card.current?.scrollIntoView({ block: 'start' }), []);
  const edit = (/** @type {Partial<Draft>} */ more) => {
    const next = { ...draft, ...more };
    setDraft(next);
    setFault(null);
    keep(next, stored);
  };
  const add = (/** @type {File[]} */ more) => setFiles((now) => [...now, ...more]);
  const missing = lacking(draft, files);
  const apart = draft.apart && draft.to.length > 1;
  const submit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (busy) return;
    if (missing) return setFault({ status: 400, message: '', fields: missing });
    setBusy(true);
    const problem = await sendTo(apart ? draft.to.map((p) => [p]) : [draft.to]);
    setBusy(false);
    if (problem) return setFault(problem);
    drafts.forget(stored);
    set({ composing: false });
  };
  /** One conversation a group; those already sent leave the field, so that a second try writes to nobody twice. @param {Person[][]} groups */
  const sendTo = async (groups) => {
    for (const [i, to] of groups.entries()) {
      const values = body(draft, page.item.id, to);
      const problem = await start(values, files, attempt(key.current, values));
      if (problem && i > 0) edit({ to: groups.slice(i).flat() });
      if (problem) return problem;
    }
    return null;
  };
  const keys = (/** @type {KeyboardEvent} */ e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && submit(e);
  const names = audience(draft.to.map((p) => ({ ...p, id: p.email, state: 'active' })));
  const known = ['to', 'subject', 'message', 'attachments'];
  const general = fault && !Object.keys(fault.fields).some((f) => known.includes(f)) ? fault.message : '';
  return html`
    <div ref=${card} class="card rail outside compose" data-tab=${tab}>
      <div class="tabs narrow-only" role="group" aria-label="Write or look">
        ${[['write', 'Write'], ['look', 'What they will get']].map(([id, text]) => html`
          <button type="button" key=${id} aria-pressed=${tab === id} onClick=${() => setTab(id)}>${text}</button>`)}
      </div>
      <form class="fields write" aria-label="New side conversation" onSubmit=${submit} onKeyDown=${keys} ...${fileDrop(add)}>
        <${ToField} to=${draft.to} project=${page.project.id} error=${fault?.fields.to} focus onChange=${(/** @type {Person[]} */ to) => edit({ to })} />
        <label class="field"><span class="label">Subject</span>
          <input type="text" name="subject" dir="auto" maxlength="200" value=${draft.subject} onInput=${(/** @type {any} */ e) => edit({ subject: e.currentTarget.value })} /></label>
        <${Fault} text=${fault?.fields.subject} />
        <label class="field"><span class="label">Message</span>
          <textarea name="message" dir="auto" rows="6" value=${draft.message} onInput=${(/** @type {any} */ e) => edit({ message: e.currentTarget.value })}></textarea></label>
        <${Fault} text=${fault?.fields.message} />
        <${Chosen} files=${files} onRemove=${(/** @type {File} */ f) => setFiles((now) => now.filter((x) => x !== f))} />
        <${Fault} text=${fault?.fields.attachments} />
        <${Ticks} draft=${draft} page=${page} onEdit=${edit} />
        <${Fault} text=${general} />
        <div class="row wrap bar">
          <button class="main" aria-disabled=${missing || busy ? 'true' : undefined}>${busy ? 'Sending…' : fault && general ? 'Try again' : names ? `Send to ${names}${apart ? ', each alone' : ''}` : 'Send'}</button>
          <${Attach} onFiles=${add} />
          <button type="button" class="quiet" onClick=${() => set({ composing: false })} title="What you wrote is kept">Cancel</button>
          <span class="grow"></span><span class="row tight"><small class="hint">goes by email, outside your team</small><${Key}>Ctrl ⏎<//></span>
        </div>
      </form>
      <${Exactly} values=${body(draft, page.item.id, apart ? draft.to.slice(0, 1) : draft.to)} files=${files} names=${apart ? short(draft.to[0]) : names} />
    </div>`;
}

/** One key per content: an unchanged second try is the same send. @param {{of: string, key: string}} last @param {any} values */
function attempt(last, values) {
  const of = JSON.stringify(values);
  if (last.of !== of) Object.assign(last, { of, key: newKey() });
  return last.key;
}

/** What is still wanting, by field. @param {Draft} d @param {File[]} files @returns {Record<string, string>|null} */
function lacking(d, files) {
  if (!d.to.length) return { to: 'Write at least one address and press Enter.' };
  if (!d.subject.trim()) return { subject: 'Give it a subject: it is what they see first.' };
  if (!d.message.trim() && !files.length) return { message: 'Write a message.' };
  return null;
}
