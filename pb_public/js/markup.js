// Reads the HTML of our own letters and portal pages into a tree of allowed elements. Pure. The inbox's policy lets no
// string become HTML (require-trusted-types-for 'script'; trusted-types 'none'), so letter.js builds the page from this
// tree, element by element. What is not on the lists below does not exist here. It is no browser's parser and need not
// be: what it reads was written by our templates and by safehtml, which close what they open.

/** @typedef {{tag: string, attrs: Record<string, string>, children: (Node|string)[]}} Node */

const TAGS = new Set(('html head title meta style body div p span a b i em strong small u s del ins sub sup mark br hr ul ol li dl dt dd '
  + 'table caption thead tbody tfoot tr td th h1 h2 h3 h4 h5 h6 blockquote pre code q bdi bdo img header main footer section article '
  + 'aside nav details summary form fieldset legend label input textarea button select option time').split(' '));
const ATTRS = /^(class|id|style|href|src|alt|title|dir|lang|colspan|rowspan|align|valign|width|height|border|cellpadding|cellspacing|bgcolor|type|value|name|rows|placeholder|for|open|multiple|checked|readonly|required|content|datetime|role|aria-[a-z]+|data-[a-z-]+)$/;
const VOID = new Set(['br', 'hr', 'img', 'input', 'meta']);
/** Their content is text to the end tag, whatever it looks like. */
const RAW = new Set(['style', 'script', 'title', 'textarea']);

const TOKEN = /<!--[\s\S]*?-->|<![^>]*>|<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g;
const ATTR = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const NAMED = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', hellip: '…', mdash: '—', ndash: '–', ldquo: '“', rdquo: '”', lsquo: '‘', rsquo: '’' });

/** @param {string} s */
const decode = (s) => s.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (all, dec, hex, name) => {
  if (name) return NAMED[name] ?? all;
  const code = parseInt(dec ?? hex, dec ? 10 : 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
});

/** @param {string} s @returns {Record<string, string>} */
function attributes(s) {
  /** @type {Record<string, string>} */
  const out = {};
  for (const [, name, a, b, c] of s.matchAll(ATTR)) {
    const key = name.toLowerCase();
    const value = decode(a ?? b ?? c ?? '');
    if (!ATTRS.test(key) || key in out) continue;
    if (key === 'href' && !/^(https?:|mailto:|#|\/)/i.test(value)) continue;
    if (key === 'src' && !/^(data:image\/|blob:|\/)/i.test(value)) continue;
    out[key] = value;
  }
  return out;
}

/** @param {string} page @returns {Node} its `html` element */
export function read(page) {
  /** @type {Node} */
  const root = { tag: 'html', attrs: {}, children: [] };
  const open = [root];
  const add = (/** @type {Node|string} */ child) => child !== '' && open[open.length - 1].children.push(child);
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let m = TOKEN.exec(page); m; m = TOKEN.exec(page)) {
    add(decode(page.slice(at, m.index)));
    at = TOKEN.lastIndex;
    const tag = (m[2] ?? '').toLowerCase();
    if (!tag) continue;
    if (m[1]) close(open, tag);
    else if (RAW.has(tag)) at = TOKEN.lastIndex = raw(page, at, tag, m[3], add);
    else if (tag === 'html') root.attrs = attributes(m[3]);
    else if (TAGS.has(tag)) {
      const node = { tag, attrs: attributes(m[3]), children: [] };
      add(node);
      if (!VOID.has(tag)) open.push(node);
    }
  }
  add(decode(page.slice(at)));
  return root;
}

/** Ends the nearest open element of that name, and what is open inside it. @param {Node[]} open @param {string} tag */
function close(open, tag) {
  const i = open.findLastIndex((n) => n.tag === tag);
  if (i > 0) open.length = i;
}

/** @param {string} page @param {number} at @param {string} tag @param {string} attrs @param {(n: Node) => void} add */
function raw(page, at, tag, attrs, add) {
  const end = page.toLowerCase().indexOf(`</${tag}`, at);
  const stop = end < 0 ? page.length : end;
  const text = page.slice(at, stop).replace(tag === 'textarea' ? /^\n/ : /^$/, '');
  if (TAGS.has(tag)) add({ tag, attrs: attributes(attrs), children: [tag === 'style' ? text : decode(text)] });
  const gt = page.indexOf('>', stop);
  return gt < 0 ? page.length : gt + 1;
}
