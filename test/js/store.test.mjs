import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as store from '../../pb_public/js/store.js';

const conversation = (id, lastMessage, status = 'open') => ({ id, lastMessage, status, participants: [], messages: [] });
const page = (more = {}) => ({
  item: { id: 'i1', status: 'new', assignee: '', assigneeName: '', followers: [] }, project: { id: 'p1' },
  team: [{ id: 'u1', name: 'Ada' }], customerMessages: [], notes: [], conversations: [], activity: [], notifications: [], ...more,
});
const loaded = (p, route = {}) => {
  const s = store.pageLoading({ ...store.initial, route: { ...store.initial.route, ...route } }, 'i1');
  return store.pageLoaded(s, 'i1', p);
};
const row = (id, more = {}) => ({ id, status: 'new', unread: false, ...more });
const listed = (ids, next = '') => {
  const s = store.listLoading(store.initial, 'k');
  return store.listLoaded(s, 'k', { items: ids.map((i) => row(i)), next, counters: { inbox: 2 } }, false);
};

test('the side conversation with something new is the one that opens', () => {
  const s = loaded(page({
    conversations: [conversation('old', '2026-01-01'), conversation('new', '2025-01-01')],
    notifications: [{ id: 'n', read: false, conversation: 'new' }],
  }));
  assert.deepEqual(s.open, { new: true });
  assert.deepEqual(s.fresh, ['new']);
});

test('without news the latest open one opens, never a closed one', () => {
  const s = loaded(page({ conversations: [conversation('a', '2026-01-01'), conversation('b', '2026-02-01'), conversation('c', '2026-03-01', 'closed')] }));
  assert.deepEqual(s.open, { b: true });
});

test('the one named in the address opens, closed or not', () => {
  const s = loaded(page({ conversations: [conversation('a', '2026-01-01'), conversation('c', '2026-03-01', 'closed')] }), { conversation: 'c' });
  assert.deepEqual(s.open, { c: true });
});

test('fetching again neither unfolds what was folded nor forgets what was new', () => {
  const p = page({ conversations: [conversation('a', '2026-01-01')], notifications: [{ id: 'n', read: false, conversation: 'a' }] });
  let s = store.toggled(loaded(p), 'a', false);
  s = store.pageLoaded(store.pageLoading(s, 'i1'), 'i1', page({ conversations: [conversation('a', '2026-01-01')] }));
  assert.equal(s.open.a, false);
  assert.deepEqual(s.fresh, ['a']);
});

test('an answer for an item left meanwhile changes nothing', () => {
  const s = store.pageLoading(loaded(page()), 'i2');
  assert.equal(store.pageLoaded(s, 'i1', page()), s);
  assert.equal(s.page, null);
});

test('a list stays on screen while it is fetched again, and goes when it is another list', () => {
  const s = listed(['a', 'b']);
  assert.equal(store.listLoading(s, 'k').list.items.length, 2);
  assert.equal(store.listLoading(s, 'other').list.items.length, 0);
});

test('more rows follow those there are, each once', () => {
  const s = store.listLoading(listed(['a', 'b'], 'c1'), 'k');
  const more = store.listLoaded(s, 'k', { items: [row('b'), row('c')], next: '', counters: {} }, true);
  assert.deepEqual(more.list.items.map((r) => r.id), ['a', 'b', 'c']);
});

test('an answer for another list is not shown in this one', () => {
  const s = listed(['a']);
  assert.equal(store.listLoaded(s, 'other', { items: [], next: '', counters: {} }, false), s);
});

test('j and k walk the list and stop at its ends', () => {
  const at = (item) => ({ ...listed(['a', 'b']), route: { ...store.initial.route, item } });
  assert.equal(store.neighbour(at(''), 1), 'a');
  assert.equal(store.neighbour(at('a'), 1), 'b');
  assert.equal(store.neighbour(at('b'), 1), '');
  assert.equal(store.neighbour(at('a'), -1), '');
});

test('a changed assignee shows at once, by name, in the panel and in the list', () => {
  const s = store.itemChanged({ ...loaded(page()), list: listed(['i1']).list }, { assignee: 'u1' });
  assert.equal(s.page.item.assigneeName, 'Ada');
  assert.equal(s.list.items[0].assigneeName, 'Ada');
});

test('what failed to be sent stays, with why, until it is sent or taken back', () => {
  const p = { key: 'k1', kind: 'reply', thread: 'c', body: 'hello', files: [], fileNames: [], state: 'sending', error: '', at: '' };
  let s = store.pendingFailed(store.pendingAdded(store.initial, p), 'k1', 'no network');
  assert.equal(store.pendingOf(s, 'reply', 'c')[0].body, 'hello');
  assert.equal(store.pendingOf(s, 'reply', 'c')[0].error, 'no network');
  assert.equal(store.pendingOf(s, 'note', 'c').length, 0);
  s = store.pendingAdded(s, { ...p, state: 'sending' });
  assert.equal(s.pending.length, 1, 'a retry is the same send');
  assert.equal(store.pendingDone(s, 'k1').pending.length, 0);
});

test('a half-written side conversation folds away with its item', () => {
  const s = { ...store.initial, composing: true };
  assert.equal(store.navigated(s, { ...s.route, q: 'x' }).composing, true);
  assert.equal(store.navigated(s, { ...s.route, item: 'other' }).composing, false);
});

test('viewers write nothing, members manage nothing', () => {
  assert.equal(store.writes('viewer'), false);
  assert.equal(store.writes(undefined), false);
  assert.equal(store.writes('member'), true);
  assert.equal(store.manages('member'), false);
  assert.equal(store.manages('admin'), true);
});
