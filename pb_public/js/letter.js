// Our own letter and portal page, shown before they are sent, in a frame that can run nothing: an empty document, filled
// element by element from markup.js. The frame inherits the inbox's policy (style-src 'self'), which would strip inline
// styles; styles set through the CSSOM are not subject to it. Never for a stranger's HTML: that comes from /body, with a
// policy of its own and no origin.

import { read } from './markup.js';

/** @import {Node as Piece} from './markup.js' */

/** @param {HTMLIFrameElement} frame @param {string} page */
export function paint(frame, page) {
  const doc = frame.contentDocument;
  if (!doc?.documentElement) return;
  const tree = read(page);
  const scroll = doc.scrollingElement?.scrollTop ?? 0;
  const sheets = /** @type {CSSStyleSheet[]} */ ([]);
  const root = doc.documentElement;
  root.lang = tree.attrs.lang ?? '';
  root.replaceChildren(...tree.children.map((c) => build(doc, c, sheets)));
  doc.adoptedStyleSheets = sheets;
  if (doc.body) doc.body.inert = true;
  if (doc.scrollingElement) doc.scrollingElement.scrollTop = scroll;
}

/** @param {Document} doc @param {Piece|string} piece @param {CSSStyleSheet[]} sheets @returns {Node} */
function build(doc, piece, sheets) {
  if (typeof piece === 'string') return doc.createTextNode(piece);
  if (piece.tag === 'style') {
    sheets.push(sheet(doc, String(piece.children[0] ?? '')));
    return doc.createTextNode('');
  }
  const el = doc.createElement(piece.tag);
  for (const [name, value] of Object.entries(piece.attrs)) {
    if (name === 'style') el.style.cssText = value;
    else el.setAttribute(name, value);
  }
  el.append(...piece.children.map((c) => build(doc, c, sheets)));
  return el;
}

/** A sheet belongs to the document that made it. @param {Document} doc @param {string} text */
function sheet(doc, text) {
  const made = new /** @type {any} */ (doc.defaultView).CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
