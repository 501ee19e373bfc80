// Text into pieces that parts/rich-text.js turns into elements: paragraphs, lists, quotes, links and a little emphasis.
// Pure. Our own messages are Markdown; a stranger's text gets links only, so that nothing they typed changes its looks.

/** @typedef {{kind: 'text'|'bold'|'italic'|'code'|'link', text: string, href?: string}} Span */
/** @typedef {{kind: 'p'|'quote'|'code', spans: Span[]}|{kind: 'list', ordered: boolean, items: Span[][]}} Block */

const URL_AT = /\bhttps?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?]/iu;
const MARK = /\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|\*\*(?=\S)([^\n]+?)\*\*|(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]+?)\*(?!\*)|(?<![\p{L}\p{N}_])_(?=\S)([^_\n]+?)_(?![\p{L}\p{N}_])|`([^`\n]+)`/u;

/** Links only. @param {string} text @returns {Span[]} */
export function links(text) {
  /** @type {Span[]} */
  const out = [];
  let rest = text;
  for (let m = URL_AT.exec(rest); m; m = URL_AT.exec(rest)) {
    if (m.index) out.push({ kind: 'text', text: rest.slice(0, m.index) });
    out.push({ kind: 'link', text: m[0], href: m[0] });
    rest = rest.slice(m.index + m[0].length);
  }
  return rest ? [...out, { kind: 'text', text: rest }] : out;
}

/** @param {string} text @returns {Span[]} */
export function spans(text) {
  /** @type {Span[]} */
  const out = [];
  let rest = text;
  for (let m = MARK.exec(rest); m; m = MARK.exec(rest)) {
    out.push(...links(rest.slice(0, m.index)));
    if (m[1]) out.push({ kind: 'link', text: m[1], href: m[2] });
    else if (m[3]) out.push({ kind: 'bold', text: m[3] });
    else if (m[4] || m[5]) out.push({ kind: 'italic', text: m[4] || m[5] });
    else out.push({ kind: 'code', text: m[6] });
    rest = rest.slice(m.index + m[0].length);
  }
  return [...out, ...links(rest)];
}

/** @param {string} text @returns {Block[]} */
export function blocks(text) {
  return text.replace(/\r\n?/g, '\n').split(/\n{2,}/).filter((s) => s.trim()).flatMap(block);
}

/** @param {string} chunk @returns {Block[]} */
function block(chunk) {
  const lines = chunk.replace(/^\n+|\n+$/g, '').split('\n');
  if (lines[0].startsWith('```')) {
    return [{ kind: 'code', spans: [{ kind: 'text', text: lines.filter((l) => !l.startsWith('```')).join('\n') }] }];
  }
  if (lines.every((l) => /^\s*>/.test(l))) {
    return [{ kind: 'quote', spans: spans(lines.map((l) => l.replace(/^\s*> ?/, '')).join('\n')) }];
  }
  const first = lines.findIndex((l) => /^\s*([-*+]|\d+[.)])\s+/.test(l));
  if (first < 0) return [{ kind: 'p', spans: spans(lines.join('\n').replace(/^#{1,6} /, '')) }];
  const before = lines.slice(0, first).join('\n');
  return [...(before ? [{ kind: /** @type {const} */ ('p'), spans: spans(before) }] : []), items(lines.slice(first))];
}

/** @param {string[]} lines @returns {Block} */
function items(lines) {
  /** @type {string[]} */
  const out = [];
  for (const l of lines) {
    const m = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(l);
    if (m) out.push(m[1]);
    else out[out.length - 1] += ` ${l.trim()}`;
  }
  return { kind: 'list', ordered: /^\s*\d/.test(lines[0]), items: out.map(spans) };
}
