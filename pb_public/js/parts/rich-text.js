// Text as elements. Ours is Markdown; a stranger's is text with links, which open elsewhere and tell nobody where from.

import { html } from '../html.js';
import { blocks, links } from '../rich.js';

/** @import {Span, Block} from '../rich.js' */

/** @param {Span} s @param {number} i */
function span(s, i) {
  switch (s.kind) {
    case 'bold': return html`<b key=${i}>${s.text}</b>`;
    case 'italic': return html`<em key=${i}>${s.text}</em>`;
    case 'code': return html`<code key=${i}>${s.text}</code>`;
    case 'link': return html`<a key=${i} href=${s.href} target="_blank" rel="noopener noreferrer nofollow">${s.text}</a>`;
    default: return s.text;
  }
}

/** @param {Block} b @param {number} i */
function block(b, i) {
  if (b.kind === 'list') {
    const items = b.items.map((spans, j) => html`<li key=${j}>${spans.map(span)}</li>`);
    return b.ordered ? html`<ol key=${i}>${items}</ol>` : html`<ul key=${i}>${items}</ul>`;
  }
  if (b.kind === 'quote') return html`<blockquote key=${i}>${b.spans.map(span)}</blockquote>`;
  if (b.kind === 'code') return html`<pre key=${i}>${b.spans.map(span)}</pre>`;
  return html`<p key=${i}>${b.spans.map(span)}</p>`;
}

/** @param {{text: string}} props */
export const Markdown = ({ text }) => html`<div class="text" dir="auto">${blocks(text).map(block)}</div>`;

/** @param {{text: string}} props */
export const Plain = ({ text }) => html`<div class="text" dir="auto"><p>${links(text.trim()).map(span)}</p></div>`;
