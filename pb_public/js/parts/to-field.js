// To: people as chips. Typing completes from former participants; a paste of many addresses becomes many chips.

import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { add, looksRight, split } from '../addresses.js';
import * as api from '../api.js';
import { html } from '../html.js';
import { count } from '../words.js';
import { Fault } from './small.js';

/** @import {Person} from '../types.js' */

const WAIT_MS = 150;

/** @param {{label?: string, to: Person[], project: string, error?: string, focus?: boolean, onChange: (to: Person[]) => void}} props */
export function ToField({ label = 'To', to, project, error, focus, onChange }) {
  const [text, setText] = useState('');
  const [found, setFound] = useState(/** @type {Person[]} */ ([]));
  const [at, setAt] = useState(-1);
  const box = useRef(/** @type {HTMLInputElement|null} */ (null));
  const list = useId();
  useLayoutEffect(() => void (focus && box.current?.focus()), []);
  useEffect(() => {
    if (text.trim().length < 1) return setFound([]);
    const timer = setTimeout(() => api.people(project, text.trim()).then((p) => (setFound(p.slice(0, 6)), setAt(-1)), () => setFound([])), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, project]);
  const choices = found.filter((f) => !to.some((p) => p.email.toLowerCase() === f.email.toLowerCase()));
  const take = (/** @type {string} */ raw) => {
    const { people, rest } = split(raw);
    if (people.length) onChange(add(to, people));
    setText(rest);
    return people.length > 0;
  };
  const pick = (/** @type {Person} */ p) => {
    onChange(add(to, [{ name: p.name, email: p.email }]));
    setText('');
    box.current?.focus();
  };
  const keys = (/** @type {KeyboardEvent} */ e) => {
    if (choices.length && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      e.preventDefault();
      setAt((at + (e.key === 'ArrowDown' ? 1 : -1) + choices.length) % choices.length);
    } else if ((e.key === 'Enter' || e.key === 'Tab') && choices[at]) {
      e.preventDefault();
      pick(choices[at]);
    } else if ((e.key === 'Enter' && text.trim()) || ((e.key === ',' || e.key === ';') && looksRight(text.split('<').pop()?.replace('>', '') ?? ''))) {
      e.preventDefault();
      take(text);
    } else if (e.key === 'Backspace' && !text && to.length) {
      onChange(to.slice(0, -1));
    } else if (e.key === 'Escape' && choices.length) {
      e.stopPropagation();
      setFound([]);
    }
  };
  const paste = (/** @type {ClipboardEvent} */ e) => {
    const raw = e.clipboardData?.getData('text') ?? '';
    if (/@/.test(raw) && take(raw)) e.preventDefault();
  };
  return html`
    <div class="field to">
      <span class="label" id=${`${list}l`}>${label}</span>
      <div class="chips" onClick=${(/** @type {any} */ e) => e.target === e.currentTarget && box.current?.focus()}>
        ${to.map((p) => html`<${Chip} key=${p.email} p=${p} onRemove=${() => (onChange(to.filter((x) => x !== p)), box.current?.focus())} />`)}
        <span class="to-input">
          <input ref=${box} type="text" inputmode="email" autocomplete="off" autocapitalize="off" spellcheck=${false} role="combobox"
            aria-expanded=${choices.length > 0} aria-controls=${list} aria-activedescendant=${choices[at] ? `${list}-${at}` : undefined}
            aria-labelledby=${`${list}l`} placeholder=${to.length ? '' : 'name@vendor.com'} value=${text} data-to
            onInput=${(/** @type {any} */ e) => setText(e.currentTarget.value)} onKeyDown=${keys} onPaste=${paste}
            onBlur=${() => (looksRight(text.split('<').pop()?.replace('>', '') ?? '') && take(text), setTimeout(() => setFound([]), WAIT_MS))} />
          ${choices.length > 0 && html`<ul class="menu suggestions" role="listbox" id=${list} aria-label="People written to before">${choices.map((p, i) => html`
            <li key=${p.email} id=${`${list}-${i}`} role="option" aria-selected=${i === at} onMouseDown=${(/** @type {Event} */ e) => (e.preventDefault(), pick(p))}>
              <b>${p.name || p.email}</b> <small>${p.name && p.email}${p.conversations ? ` · ${count(p.conversations, 'conversation')}` : ''}</small></li>`)}</ul>`}
        </span>
        <button type="button" class="quiet small" aria-label="Add another address" onClick=${() => (text.trim() && take(text), box.current?.focus())}>+</button>
      </div>
      <${Fault} text=${error} />
    </div>`;
}

/** @param {{p: Person, onRemove: () => void}} props */
const Chip = ({ p, onRemove }) => html`
  <span class=${`chip ${looksRight(p.email) ? '' : 'bad'}`} title=${p.email}><span class="cut">${p.name ? `${p.name} · ${p.email}` : p.email}</span>
    <button type="button" class="bare" aria-label=${`Remove ${p.name || p.email}`} onClick=${onRemove}>✕</button></span>`;
