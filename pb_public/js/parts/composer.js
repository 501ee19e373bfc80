// Where something is written. One composer has one audience, which its ground, its button and its hint all name;
// nothing toggles it. What is typed is kept per thread until the server has it.

import { useEffect, useRef, useState } from 'preact/hooks';
import * as drafts from '../drafts.js';
import { html } from '../html.js';
import { Attach, Chosen, fileDrop } from './files.js';
import { Key } from './small.js';

/** @import {Audience} from '../types.js' */

/** Lets other parts of the page put words or the cursor into a composer, by its draft's key. @type {Map<string, (text?: string) => void>} */
const composers = new Map();

/** @param {string} key @param {string} [text] */
export function write(key, text) {
  const reach = composers.get(key);
  if (!reach) return false;
  reach(text);
  return true;
}

/**
 * @param {{draft: string, audience: Audience, placeholder: string, button: string, hint: string, keyHint?: string,
 *   onSend: (body: string, files: File[]) => void, onPreview?: (body: string) => void, above?: any}} props
 */
export function Composer({ draft, audience, placeholder, button, hint, keyHint, onSend, onPreview, above }) {
  const [body, setBody] = useState(() => drafts.load(draft, ''));
  const [files, setFiles] = useState(/** @type {File[]} */ ([]));
  const box = useRef(/** @type {HTMLTextAreaElement|null} */ (null));
  const edit = (/** @type {string} */ text) => {
    setBody(text);
    if (text) drafts.keep(draft, text);
    else drafts.forget(draft);
  };
  const add = (/** @type {File[]} */ more) => setFiles((now) => [...now, ...more]);
  useEffect(() => {
    composers.set(draft, (text) => {
      if (text) edit(box.current?.value.trim() ? `${box.current.value.trimEnd()}\n\n${text}` : text);
      box.current?.focus();
      box.current?.scrollIntoView({ block: 'nearest' });
    });
    return () => void composers.delete(draft);
  }, [draft]);
  const ready = body.trim() !== '' || files.length > 0;
  const submit = (/** @type {Event} */ e) => {
    e.preventDefault();
    if (!ready) return box.current?.focus();
    onSend(body, files);
    edit('');
    setFiles([]);
  };
  const keys = (/** @type {KeyboardEvent} */ e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) submit(e);
  };
  return html`
    <form class=${`composer ${audience} ${ready ? 'full' : ''}`} onSubmit=${submit} ...${fileDrop(add)}>
      ${above}
      <textarea ref=${box} class="box" rows="1" dir="auto" placeholder=${placeholder} aria-label=${placeholder.replace('…', '')} value=${body}
        onInput=${(/** @type {any} */ e) => edit(e.currentTarget.value)} onKeyDown=${keys}></textarea>
      ${keyHint && !ready && html`<span class="keyhint"><${Key}>${keyHint}<//></span>`}
      <${Chosen} files=${files} onRemove=${(/** @type {File} */ f) => setFiles((now) => now.filter((x) => x !== f))} />
      <div class="row bar">
        <button class="main" aria-disabled=${ready ? undefined : 'true'}>${button}</button>
        <${Attach} onFiles=${add} />
        ${onPreview && html`<button type="button" class="quiet" onClick=${() => onPreview(body)}>Preview</button>`}
        <span class="grow"></span>
        <span class="row tight"><small class="hint">${hint}</small><${Key}>Ctrl ⏎<//></span>
      </div>
    </form>`;
}
