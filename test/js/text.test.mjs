import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, format, looksRight, split } from '../../pb_public/js/addresses.js';
import { forCustomer } from '../../pb_public/js/answer.js';
import { read } from '../../pb_public/js/markup.js';
import { blocks, links } from '../../pb_public/js/rich.js';
import * as route from '../../pb_public/js/route.js';

test('a paste of several addresses becomes several people', () => {
  const { people, rest } = split('Bob Vendor <bob@Vendor.com>, carl@vendor.com; "Doe, Dan" <dan@v.com>\neve@v.com fay@v.com, hello');
  assert.deepEqual(people, [
    { name: 'Bob Vendor', email: 'bob@vendor.com' }, { name: '', email: 'carl@vendor.com' }, { name: 'Doe, Dan', email: 'dan@v.com' },
    { name: '', email: 'eve@v.com' }, { name: '', email: 'fay@v.com' }]);
  assert.equal(rest, 'hello');
});

test('an address is taken once, whatever its case', () => {
  assert.equal(add([{ name: '', email: 'bob@v.com' }], [{ name: 'Bob', email: 'BOB@v.com' }, { name: '', email: 'x@v.com' }, { name: '', email: 'X@v.com' }]).length, 2);
});

test('slips are caught before the server does', () => {
  for (const bad of ['bob', 'bob@', '@v.com', 'bob@v', 'bob@@v.com', 'bob@v.com.', 'a b@v.com']) assert.equal(looksRight(bad), false, bad);
  for (const good of ['bob@v.com', "o'neil+x@sub.v.co", 'jürgen@bücher.example']) assert.equal(looksRight(good), true, good);
  assert.equal(format({ name: 'Doe, "Dan"', email: 'd@v.com' }), '"Doe, Dan" <d@v.com>');
});

test('an outsider’s words go into an answer without who they are', () => {
  const { text, leftOut } = forCustomer(
    'Hello Ada,\n\nBob here: two screws leave today, see https://vendor.com/track or call +49 30 1234567.\nWrite to bob@vendor.com at Vendor.\n\nBest regards,\nBob Vendor\nVendor Ltd',
    [{ name: 'Bob Vendor', email: 'bob@vendor.com' }]);
  for (const leak of ['Bob', 'Vendor', 'vendor', 'https', '@', '1234567', 'regards', 'Hello']) assert.ok(!text.includes(leak), `${leak} in ${text}`);
  assert.match(text, /two screws leave today/);
  assert.deepEqual(leftOut.sort(), ['addresses', 'links', 'names', 'numbers', 'signature']);
});

test('a part of a word is not a name', () => {
  assert.equal(forCustomer('The bobbin broke.', [{ name: 'Bob', email: 'bob@v.com' }]).text, 'The bobbin broke.');
});

test('Markdown becomes pieces, and a stranger’s text only links', () => {
  assert.deepEqual(blocks('one **two**\n\n- a\n- b').map((b) => b.kind), ['p', 'list']);
  assert.deepEqual(links('see https://a.test/x, or <b>not</b>'), [
    { kind: 'text', text: 'see ' }, { kind: 'link', text: 'https://a.test/x', href: 'https://a.test/x' }, { kind: 'text', text: ', or <b>not</b>' }]);
  const spans = blocks('[x](javascript:alert(1)) and [y](https://a.test)').flatMap((b) => b.spans);
  assert.ok(!spans.some((s) => s.kind === 'link' && !s.href.startsWith('http')));
});

test('snake_case_words and 2*3*4 are not emphasis', () => {
  assert.deepEqual(blocks('snake_case_word and 2*3*4').flatMap((b) => b.spans).map((s) => s.kind), ['text']);
});

const tags = (n) => (typeof n === 'string' ? [] : [n.tag, ...n.children.flatMap(tags)]);
const words = (n) => (typeof n === 'string' ? n : n.children.map(words).join(''));

test('a letter is read as it was written, entities, styles, void elements and all', () => {
  const page = read('<!doctype html><html lang="en"><head><style>p>a{color:red}</style></head><body style="margin:0"><p dir=auto>1 &lt; 2 &amp; 3&#39;s<br>x</p><!-- no --><textarea>\n<b>kept</b></textarea></body></html>');
  assert.deepEqual(tags(page), ['html', 'head', 'style', 'body', 'p', 'br', 'textarea']);
  assert.equal(page.attrs.lang, 'en');
  assert.equal(page.children[1].attrs.style, 'margin:0');
  assert.match(words(page), /1 < 2 & 3's/);
  assert.match(words(page), /p>a\{color:red\}/);
  assert.match(words(page), /^(?!\n)[\s\S]*<b>kept<\/b>$/);
});

test('what could run, load or lead away does not exist in a letter', () => {
  const page = read('<body onload=x><script>alert(1)</script><iframe src="//e.test"></iframe><svg><a xlink:href="javascript:x"></a></svg><base href="//e.test"><link rel=stylesheet href=x><img src="https://e.test/x.gif" onerror=x><a href=" javascript:x" onclick=x>a</a><object data=x></object>');
  const all = JSON.stringify(page);
  for (const leak of ['script', 'iframe', 'svg', 'base', 'link', 'on', 'e.test', 'object', 'xlink']) assert.ok(!all.includes(`"${leak}`), `${leak} in ${all}`);
  assert.ok(!all.includes('e.test') && !all.includes('javascript'));
});

test('broken markup ends, and loses no words', () => {
  for (const bad of ['<p>a<b>c</p>d', '</div></p>ab<i>cd', '<style>x', 'a < b > c', '<p title="x>y">abcd', '<textarea>ab', '<', '<a href="']) assert.ok(read(bad).tag === 'html', bad);
  assert.equal(words(read('<p>a<b>b</p>c</b></div>d')), 'abcd');
});

test('every address of the inbox reads back as what was meant', () => {
  const cases = [
    { project: 'p1', view: 'mine', item: 'i1' }, { project: 'p1', view: 'all', q: 'a b&c' }, { room: 'item', item: 'i1', conversation: 'c1' },
    { room: 'held', project: 'p1' }, { room: 'settings', project: 'p1' }, { room: 'privacy', project: 'p1' }, { room: 'me' }, { room: 'reset', token: 'a.b.c' },
  ];
  for (const c of cases) {
    const url = new URL(route.format(c), 'http://x');
    assert.deepEqual(route.parse(url.pathname, url.search), { ...route.HOME, ...c }, url.href);
  }
  assert.equal(route.parse('/').room, 'list');
  assert.deepEqual(route.parse('/app/items/i1'), route.parse('/app/i/i1'));
  assert.equal(route.parse('/app/p/p1/nonsense').view, 'inbox');
  assert.equal(route.parse('/app/p/%E0%A4%A/x').project, '%E0%A4%A');
});
