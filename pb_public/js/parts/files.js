// Files on a message, and files about to be sent.

import { problem } from '../api.js';
import { fileURL } from '../file-url.js';
import { html } from '../html.js';
import { ask, toast } from '../state.js';
import { extension, runs, size } from '../words.js';

/** @import {StoredFile} from '../types.js' */

/** A token is asked for at the click, so no address on the page opens anything by itself. @param {string} path @param {string} name */
export async function download(path, name) {
  try {
    const a = document.createElement('a');
    a.href = await fileURL(path);
    a.download = name;
    a.click();
  } catch (e) {
    toast(problem(e).message, { tone: 'bad' });
  }
}

/** The true kind stands apart from the name, which may be cut or made to mislead. @param {string} name */
const kind = (name) => (extension(name) ? `${extension(name).toUpperCase()} ` : '');

/** A file that can run is asked about first, by its true kind: from outside anybody may send one. @param {string} path @param {string} name */
async function open(path, name) {
  if (runs(name) && !(await ask({
    title: `This file can run: .${extension(name)}`,
    text: `“${name}” is not a document. Opened on your computer it can do whatever a program can. Files are not checked for viruses here.`,
    yes: 'Download it anyway', no: 'Leave it',
  }))) return;
  await download(path, name);
}

/** @param {{collection: 'side_messages'|'customer_messages'|'notes'|'feedback', record: string, files?: (StoredFile|string)[]}} props */
export function Files({ collection, record, files = [] }) {
  const shown = files.map((f) => (typeof f === 'string' ? { file: f, name: f.replace(/_[a-zA-Z0-9]{10}(?=\.|$)/, '') } : f));
  if (!shown.length) return null;
  return html`
    <ul class="files" aria-label="Files">${shown.map((f) => html`
      <li key=${f.file}><button type="button" class="file" title=${`Download ${f.name}`}
        onClick=${() => open(`/api/files/${collection}/${record}/${encodeURIComponent(f.file)}`, f.name)}>
        <bdi class="cut">${f.name}</bdi> <small>${kind(f.name)}${size(/** @type {StoredFile} */ (f).size)}</small></button></li>`)}
    </ul>`;
}

/** @param {{files: File[], onRemove: (f: File) => void}} props */
export const Chosen = ({ files, onRemove }) => files.length > 0 && html`
  <ul class="files" aria-label="Files to send">${files.map((f) => html`
    <li key=${f.name + f.size} class="file"><span class="cut">${f.name}</span> <small>${size(f.size)}</small>
      <button type="button" class="bare" aria-label=${`Leave out ${f.name}`} onClick=${() => onRemove(f)}>✕</button></li>`)}
  </ul>`;

/** @param {{onFiles: (files: File[]) => void}} props */
export const Attach = ({ onFiles }) => html`
  <label class="button quiet attach">Attach<input type="file" multiple class="unseen" onChange=${(/** @type {any} */ e) => {
    onFiles([...e.currentTarget.files]);
    e.currentTarget.value = '';
  }} /></label>`;

/** Files dropped or pasted on a form. @param {(files: File[]) => void} onFiles */
export const fileDrop = (onFiles) => ({
  onDragOver: (/** @type {DragEvent} */ e) => e.dataTransfer?.types.includes('Files') && e.preventDefault(),
  onDrop: (/** @type {DragEvent} */ e) => take(e, e.dataTransfer, onFiles),
  onPaste: (/** @type {ClipboardEvent} */ e) => take(e, e.clipboardData, onFiles),
});

/** @param {Event} e @param {DataTransfer|null} data @param {(files: File[]) => void} onFiles */
function take(e, data, onFiles) {
  if (!data?.files.length) return;
  e.preventDefault();
  onFiles([...data.files]);
}
