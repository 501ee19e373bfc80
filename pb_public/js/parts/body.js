// The words of a message: fresh text first, what was quoted folded, the sender's own formatting one press away, its files.

import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { Files } from './files.js';
import { Original } from './frame.js';
import { Markdown, Plain } from './rich-text.js';

/** @import {StoredFile} from '../types.js' */

/**
 * @param {{collection: 'side_messages'|'customer_messages', m: {id: string, direction: string, channel?: string, body: string, hasHTML?: boolean,
 *   quoted?: string, files: (StoredFile|string)[]}}} props
 */
export function Body({ m, collection }) {
  const [original, setOriginal] = useState(false);
  const [quoted, setQuoted] = useState(false);
  const formatted = m.hasHTML && m.direction === 'in' && m.channel !== 'portal'; // the portal's form takes plain text
  const text = m.direction === 'out' ? html`<${Markdown} text=${m.body} />`
    : m.body.trim() ? html`<${Plain} text=${m.body} />` : html`<p class="dim">No words${m.files.length ? ', only files' : ''}.</p>`;
  return html`
    ${original ? html`<${Original} path=${`/api/${collection.replace('_', '-')}/${m.id}/body`} />` : text}
    ${quoted && html`<div class="quoted"><${Plain} text=${m.quoted ?? ''} /></div>`}
    <${Files} collection=${collection} record=${m.id} files=${m.files} />
    ${(m.quoted || formatted) && html`<div class="row tight folds">
      ${m.quoted && html`<button type="button" class="fold" aria-expanded=${quoted} aria-label=${quoted ? 'Hide what was quoted' : 'Show what was quoted'}
        title="What was quoted" onClick=${() => setQuoted(!quoted)}>···</button>`}
      ${formatted && html`<button type="button" class="link" aria-pressed=${original} onClick=${() => setOriginal(!original)}>${original ? 'Plain text' : 'Original formatting'}</button>`}
    </div>`}`;
}
