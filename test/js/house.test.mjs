// Rules of the house that a slip would break quietly: no string becomes HTML, every value has its token, every module of
// the import map is one that `make lib` brings.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;
const under = (dir, ext) => readdirSync(join(root, dir), { recursive: true }).filter((f) => f.endsWith(ext))
  .map((f) => [f, readFileSync(join(root, dir, f), 'utf8')]);
const scripts = under('pb_public/js', '.js');
const sheets = under('pb_public/css', '.css');
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

test('no script puts a string on the page as HTML, or runs one', () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|DOMParser|document\.write|srcdoc|createPolicy|\beval\(|new Function|setHTMLUnsafe|javascript:/;
  for (const [name, text] of scripts) assert.doesNotMatch(code(text), forbidden, name);
});

test('every module is small enough to be read at once', () => {
  for (const [name, text] of scripts) assert.ok(text.split('\n').length <= 200, `${name} has ${text.split('\n').length} lines`);
});

test('every module says on top what it is', () => {
  for (const [name, text] of scripts) assert.match(text, /^\/\/ /, name);
});

test('colours live in tokens.css alone, and nothing is important or an id', () => {
  for (const [name, text] of sheets) {
    const css = text.replace(/\/\*[\s\S]*?\*\//g, '');
    assert.doesNotMatch(css, /!important/, name);
    assert.doesNotMatch(css, /(^|[\s,{}])#[\w-]+\s*[,{]/m, `${name} styles an id`);
    if (name !== 'tokens.css') assert.doesNotMatch(css, /#[0-9a-f]{3,8}\b|\brgb|\bhsl/i, `${name} has a colour of its own`);
  }
});

test('every token that is used is there, and every one that is there is used', () => {
  const tokens = new Set([...readFileSync(join(root, 'pb_public/css/tokens.css'), 'utf8').matchAll(/(--[\w-]+)\s*:/g)].map((m) => m[1]));
  const all = sheets.map(([, text]) => text).join('\n');
  const used = new Set([...all.matchAll(/var\((--[\w-]+)/g)].map((m) => m[1]));
  const local = new Set([...all.matchAll(/(--audience[\w-]*|--face)\s*:/g)].map((m) => m[1]));
  assert.deepEqual([...used].filter((t) => !tokens.has(t) && !local.has(t)), [], 'used but nowhere defined');
  assert.deepEqual([...tokens].filter((t) => !used.has(t)), [], 'defined but never used');
});

test('every stylesheet is loaded, in a layer', () => {
  const index = readFileSync(join(root, 'pb_public/css/inbox.css'), 'utf8');
  for (const [name] of sheets) if (name !== 'inbox.css') assert.match(index, new RegExp(`@import "${name}" layer\\(\\w+\\);`), name);
});

test('the import map names what `make lib` brings, and the scripts import nothing else', () => {
  const page = readFileSync(join(root, 'pb_public/index.html'), 'utf8');
  const { imports } = JSON.parse(/<script type="importmap">([\s\S]*?)<\/script>/.exec(page)[1]);
  const lib = readFileSync(join(root, 'scripts/lib.mjs'), 'utf8');
  for (const path of Object.values(imports)) assert.ok(lib.includes(`'${path.replace('/lib/', '')}'`), path);
  for (const [name, text] of scripts) {
    for (const [, from] of text.matchAll(/^import .*? from '([^']+)';$/gms)) assert.ok(from.startsWith('.') || from in imports, `${name} imports ${from}`);
  }
});
