// My settings, the part about me: picture, name, and how times are written.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../html.js';
import { Face, Fault } from '../parts/small.js';
import { set, toast } from '../state.js';
import { writeTimes } from '../words.js';

/** @import {Me} from '../types.js' */

/** Languages dates can be written in; the inbox itself speaks English. @type {[string, string][]} */
const LANGUAGES = [['', 'English (UK)'], ['en-US', 'English (US)'], ['de', 'Deutsch'], ['es', 'Español'], ['fr', 'Français'], ['it', 'Italiano'],
  ['nl', 'Nederlands'], ['pl', 'Polski'], ['pt', 'Português'], ['sv', 'Svenska'], ['ja', '日本語'], ['zh', '中文']];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = Intl.supportedValuesOf?.('timeZone') ?? [];

/** @param {{me: Me}} props */
export function Profile({ me }) {
  const [faults, setFaults] = useState(/** @type {Record<string, string>} */ ({}));
  const save = async (/** @type {any} */ values) => {
    try {
      const now = { ...me, ...(await api.saveMe(me.id, values)) };
      set({ me: now });
      writeTimes(now.language, now.timezone);
      setFaults({});
      toast('Saved.');
    } catch (e) {
      const p = api.problem(e);
      setFaults(Object.keys(p.fields).length ? p.fields : { name: p.message });
    }
  };
  const submit = (/** @type {any} */ e) => {
    e.preventDefault();
    const v = new FormData(e.currentTarget);
    save({ name: String(v.get('name')).trim(), timezone: String(v.get('timezone')), language: String(v.get('language')) });
  };
  const picture = (/** @type {any} */ e) => {
    const file = e.currentTarget.files?.[0];
    if (!file) return;
    const data = new FormData();
    data.append('avatar', file);
    save(data);
  };
  return html`
    <form class="settings fields" onSubmit=${submit}>
      <div class="row wrap">${me.avatar ? html`<img class="face big" src=${api.avatar(me)} alt="My picture" />` : html`<${Face} name=${me.name} big />`}
        <label class="button small">Choose a picture<input class="unseen" type="file" accept="image/png,image/jpeg,image/webp,image/gif" onChange=${picture} /></label>
        ${me.avatar && html`<button type="button" class="quiet small" onClick=${() => save({ avatar: null })}>Take it away</button>`}</div><${Fault} text=${faults.avatar} />
      <label class="field"><span class="label">My name <small>as outsiders and customers read it</small></span><input type="text" name="name" required defaultValue=${me.name} autocomplete="name" /></label><${Fault} text=${faults.name} />
      <div class="pair">
        <label class="field"><span class="label">Time zone</span><select name="timezone"><option value="">As this device: ${HERE}</option>${ZONES.map((z) => html`<option key=${z} value=${z} selected=${z === me.timezone}>${z}</option>`)}</select></label>
        <label class="field"><span class="label">Dates written in</span><select name="language">${LANGUAGES.map(([id, name]) => html`<option key=${id} value=${id} selected=${id === me.language}>${name}</option>`)}</select></label>
      </div>
      <div class="row"><button class="main">Save</button></div>
    </form>`;
}
