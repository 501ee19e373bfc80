import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, format, looksRight, split } from '../../pb_public/js/addresses.js';
import { forCustomer } from '../../pb_public/js/answer.js';
import { withStylesAsData } from '../../pb_public/js/letter.js';
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

test('a letter’s styles travel as data, and what could run does not travel', () => {
  const out = withStylesAsData('<style>p>a{color:red}</style><script src=x></script><link rel="stylesheet" href="/portal.css"><link rel=preload href="https://e.test"><p style="color:red">style=no</p>');
  assert.ok(!/<style|<script|preload/.test(out));
  assert.match(out, /<template data-sheet>p>a\{color:red\}<\/template>/);
  assert.match(out, /<p data-style="color:red">style=no<\/p>/);
  assert.match(out, /portal\.css/);
});

test('every address of the inbox reads back as what was meant', () => {
  const cases = [
    { project: 'p1', view: 'mine', item: 'i1' }, { project: 'p1', view: 'all', q: 'a b&c' }, { room: 'item', item: 'i1', conversation: 'c1' },
    { room: 'held', project: 'p1' }, { room: 'settings', project: 'p1' }, { room: 'me' }, { room: 'reset', token: 'a.b.c' },
  ];
  for (const c of cases) {
    const url = new URL(route.format(c), 'http://x');
    assert.deepEqual(route.parse(url.pathname, url.search), { ...route.HOME, ...c }, url.href);
  }
  assert.equal(route.parse('/').room, 'list');
  assert.equal(route.parse('/app/p/p1/nonsense').view, 'inbox');
  assert.equal(route.parse('/app/p/%E0%A4%A/x').project, '%E0%A4%A');
});
