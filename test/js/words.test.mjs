import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as words from '../../pb_public/js/words.js';

const now = new Date('2026-11-24T12:00:00');
const at = (s) => new Date(s).toISOString().replace('T', ' ');
const bob = { id: 'p1', name: 'Bob Vendor', email: 'bob@vendor.com', state: 'active' };
const carl = { id: 'p2', name: '', email: 'carl@vendor.com', state: 'active' };
const gone = { id: 'p3', name: 'Dan', email: 'dan@vendor.com', state: 'removed' };
const delivery = (participant, state, more = {}) => ({ id: participant, participant, state, attempts: 1, nextAttempt: '', response: '', updated: at('2026-11-24T09:31:00'), ...more });

test('times are as short as they can be told apart', () => {
  assert.equal(words.when(at('2026-11-24T09:41:00'), now), '09:41');
  assert.equal(words.when(at('2026-11-23T23:59:00'), now), 'Yesterday');
  assert.equal(words.when(at('2026-11-20T10:00:00'), now), 'Fri');
  assert.equal(words.when(at('2026-11-12T10:00:00'), now), '12 Nov');
  assert.equal(words.when(at('2025-11-12T10:00:00'), now), '12 Nov 2025');
  assert.equal(words.moment(at('2026-11-20T10:00:00'), now), 'Fri 10:00');
  assert.equal(words.when('', now), '');
});

test('waiting is counted in the unit that matters', () => {
  assert.equal(words.since(at('2026-11-24T11:59:40'), now), 'just now');
  assert.equal(words.since(at('2026-11-24T11:15:00'), now), '45 min');
  assert.equal(words.since(at('2026-11-21T11:00:00'), now), '3 d');
});

test('the audience is named, without those removed, and counted when long', () => {
  assert.equal(words.audience([bob, carl, gone]), 'Bob and carl@vendor.com');
  assert.equal(words.audience([gone]), '');
  const many = ['Ana', 'Ben', 'Cy', 'Di'].map((name, i) => ({ id: `${i}`, name, email: `${i}@x.y`, state: 'active' }));
  assert.equal(words.audience(many), 'Ana, Ben and 2 more');
});

test('two of the same first name are told apart', () => {
  const other = { ...bob, id: 'p9', name: 'Bob Builder', email: 'bb@x.y' };
  assert.equal(words.audience([bob, other]), 'Bob Vendor and Bob Builder');
});

test('a message is as well as its worst delivery, and says whose', () => {
  const people = [bob, carl];
  assert.deepEqual(words.deliveries([delivery('p1', 'sent'), delivery('p2', 'sent')], people, now), { text: 'delivered 09:31', tone: '' });
  assert.deepEqual(words.deliveries([delivery('p1', 'sent'), delivery('p2', 'bounced')], people, now), { text: 'carl@vendor.com: came back undelivered', tone: 'bad' });
  assert.equal(words.deliveries([delivery('p1', 'delayed', { nextAttempt: at('2026-11-24T13:00:00') })], people, now).text, 'delayed, next try 13:00');
  assert.equal(words.deliveries([], people, now).text, '');
});

test('a letter that was answered says so, and by whom where several have it', () => {
  const sent = { at: at('2026-11-24T09:31:00'), state: 'sent', who: 'mx.vendor.com', said: '250 ok' };
  const answered = { timeline: [sent, { at: at('2026-11-24T10:05:00'), state: 'opened' }, { at: at('2026-11-24T10:05:00'), state: 'answered' }] };
  assert.equal(words.delivery(delivery('p1', 'sent', answered), now), 'answered 10:05');
  assert.equal(words.deliveries([delivery('p1', 'sent', answered)], [bob], now).text, 'answered 10:05');
  assert.equal(words.deliveries([delivery('p1', 'sent', answered), delivery('p2', 'sent')], [bob, carl], now).text, 'delivered, Bob answered');
  assert.equal(words.delivery(delivery('p1', 'sent', { timeline: [sent], updated: at('2026-11-24T11:00:00') }), now), 'delivered 09:31', 'a report since then changes nothing');
  assert.equal(words.delivery(delivery('p1', 'bounced', answered), now), 'came back undelivered', 'what came back is said first');
  assert.deepEqual([{ state: 'opened' }, { state: 'answered' }, sent, { state: 'delayed', who: 'mx.vendor.com' }].map(words.step),
    ['opened their link', 'answered', 'handed to mx.vendor.com, which said', 'put off · mx.vendor.com']);
});

test('trust is words and a mark, never a colour alone', () => {
  const m = { direction: 'in', trust: 'verified', trustReason: 'Signed by vendor.com' };
  assert.deepEqual(words.trust(m), { text: 'Signed by vendor.com', tone: 'good', mark: '✓' });
  assert.equal(words.trust({ ...m, trust: 'unverified', trustReason: '' }).tone, 'warn');
  assert.equal(words.trust({ ...m, direction: 'out' }), null);
});

test('only a doubtful and not accepted answer is for the team only', () => {
  const m = { direction: 'in', trust: 'other_sender', accepted: false };
  assert.equal(words.teamOnly(m), true);
  assert.equal(words.teamOnly({ ...m, accepted: true }), false);
  assert.equal(words.teamOnly({ ...m, trust: 'verified' }), false);
  assert.equal(words.teamOnly({ ...m, trust: 'shared_link' }), false);
});

test('people a letter names are offered unless they are there already', () => {
  const m = { warnings: ['Also addressed to dan@vendor.com.', 'Also addressed to bob@vendor.com.', 'It came through a mailing list, so others read it too.'] };
  assert.deepEqual(words.suggested(m, { participants: [bob, gone] }), ['dan@vendor.com']);
});

test('a closed conversation waits for nobody', () => {
  const c = { status: 'open', waitingSince: at('2026-11-22T12:00:00'), participants: [bob] };
  assert.equal(words.waiting(c, now), 'waiting on Bob · 2 d');
  assert.equal(words.waiting({ ...c, status: 'closed' }, now), '');
});

test('faces have initials and always the same colour', () => {
  assert.equal(words.initials('Ada Agent'), 'AA');
  assert.equal(words.initials('Öykü'), 'Ö');
  assert.equal(words.hue('Ada'), words.hue('Ada'));
  assert.ok(words.hue('') >= 1 && words.hue('مفصل') <= 8);
});
