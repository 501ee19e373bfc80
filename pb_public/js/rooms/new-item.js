// A feedback item taken down by hand: a call, a visit, a word in passing.

import { useRef, useState } from 'preact/hooks';
import * as api from '../api.js';
import { refreshList } from '../actions/lists.js';
import { newKey } from '../actions/send.js';
import * as drafts from '../drafts.js';
import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Fault } from '../parts/small.js';
import { app, go, here } from '../state.js';
import { CATEGORY } from '../words.js';

/** @import {Problem} from '../types.js' */

const EMPTY = { message: '', category: 'question', submitterName: '', submitterEmail: '' };

/** @param {{close: () => void}} props */
export function NewItem({ close }) {
  const project = here.value?.id ?? '';
  const stored = `item:${project}`;
  const [v, setV] = useState(() => ({ ...EMPTY, ...drafts.load(stored, EMPTY) }));
  const [fault, setFault] = useState(/** @type {Problem|null} */ (null));
  const key = useRef(newKey());
  const edit = (/** @type {any} */ e) => {
    const next = { ...v, [e.currentTarget.name]: e.currentTarget.value };
    setV(next);
    drafts.keep(stored, next);
  };
  const submit = async (/** @type {Event} */ e) => {
    e.preventDefault();
    try {
      const item = await api.newItem({ project, ...v }, key.current);
      drafts.forget(stored);
      close();
      go({ project, view: app.value.route.view, item: item.id });
      refreshList();
    } catch (err) {
      setFault(api.problem(err));
      key.current = newKey();
    }
  };
  const f = fault?.fields ?? {};
  return html`
    <${Dialog} title="New feedback item" onClose=${close}>
      <form class="fields" onSubmit=${submit}>
        <label class="field"><span class="label">What the customer said</span>
          <textarea name="message" rows="5" dir="auto" required autofocus value=${v.message} onInput=${edit}></textarea></label><${Fault} text=${f.message} />
        <div class="pair">
          <label class="field"><span class="label">Their name</span><input type="text" name="submitterName" value=${v.submitterName} onInput=${edit} autocomplete="off" /></label>
          <label class="field"><span class="label">Their email</span><input type="email" name="submitterEmail" value=${v.submitterEmail} onInput=${edit} autocomplete="off" /></label>
        </div><${Fault} text=${f.submitterName ?? f.submitterEmail} />
        <label class="field"><span class="label">Kind</span>
          <select name="category" value=${v.category} onChange=${edit}>${Object.entries(CATEGORY).map(([id, text]) => html`<option key=${id} value=${id}>${text}</option>`)}</select></label>
        <${Fault} text=${fault && !Object.keys(f).length ? fault.message : ''} />
        <div class="row bar"><button class="main">Add the item</button><button type="button" class="quiet" onClick=${close}>Cancel</button>
          <span class="grow"></span><small class="hint">the customer is not written to</small></div>
      </form>
    <//>`;
}
