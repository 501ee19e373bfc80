// Times are written the way a person chose, and the day is the day where they are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moment, when, writeTimes } from '../../pb_public/js/times.js';

const now = new Date('2026-11-24T20:00:00Z');

test('a zone moves the hour and the day', () => {
  writeTimes('', 'Asia/Tokyo'); // there it is the 25th, five in the morning
  assert.equal(when('2026-11-24 19:30:00.000Z', now), '04:30');
  assert.equal(when('2026-11-24 14:30:00.000Z', now), 'Yesterday');
  writeTimes('', 'Etc/UTC');
  assert.equal(when('2026-11-24 14:30:00.000Z', now), '14:30');
});

test('a language writes the dates, and names nobody knows change nothing', () => {
  writeTimes('de', 'Etc/UTC');
  assert.equal(moment('2026-11-12 09:12:00.000Z', now), '12. Nov. 09:12');
  writeTimes('no such language', 'Moon/Base');
  assert.match(moment('2026-11-12 09:12:00.000Z', now), /^1[123] Nov/);
  writeTimes();
});
