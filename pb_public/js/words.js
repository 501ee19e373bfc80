// What things are called on the page. Pure: a value goes in, words come out.

/** @import {Conversation, Delivery, DeliveryState, Participant, SideMessage} from './types.js' */

import { moment, since } from './times.js';

export * from './times.js';

/** @param {number} [bytes] */
export function size(bytes) {
  if (!bytes) return '';
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A name's true end, which a long or disguised name may hide: "exe". @param {string} name */
export const extension = (name) => /\.([^.\s]{1,16})$/.exec(name)?.[1].toLowerCase() ?? '';

/** Files that do something when they are opened, rather than show something. */
const RUNS = new Set(('exe scr com bat cmd pif js jse vbs vbe wsf wsh hta lnk iso img vhd html htm svg xhtml mht docm xlsm pptm jar ps1 chm one url library-ms '
  + 'msi reg cpl dll sh app dmg').split(' '));

/** @param {string} name */
export const runs = (name) => RUNS.has(extension(name));

/** "Bob", "Bob and Carl", "Bob, Carl and Dan". @param {string[]} names */
export function list(names) {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** What to call someone in a sentence: a first name, or the address. @param {{name?: string, email: string}} p */
export const short = (p) => p.name?.trim().split(/\s+/)[0] || p.email;

/** Those who receive what is written in a side conversation. @param {Participant[]} participants */
export const receivers = (participants) => participants.filter((p) => p.state !== 'removed');

/** "Bob and Carl"; more than three are counted. @param {Participant[]} participants */
export function audience(participants) {
  const all = receivers(participants);
  if (all.length > 3) return `${short(all[0])}, ${short(all[1])} and ${all.length - 2} more`;
  return list(distinct(all));
}

/** First names, and whole ones where two share the first. @param {Participant[]} people */
function distinct(people) {
  const first = people.map(short);
  return people.map((p, i) => (first.indexOf(first[i]) === first.lastIndexOf(first[i]) ? first[i] : p.name || p.email));
}

/** @param {number} n @param {string} one @param {string} [many] */
export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** @type {Record<string, string>} */
const STATUS = { new: 'New', in_progress: 'In progress', resolved: 'Resolved', archived: 'Archived' };
/** @type {Record<string, string>} */
const CATEGORY = { bug: 'Bug', feature_request: 'Feature request', question: 'Question', other: 'Other' };
/** @type {Record<string, string>} */
const ROLE = { owner: 'Owner', admin: 'Admin', member: 'Member', viewer: 'Viewer' };
/** @type {Record<string, string>} */
const VIEW = {
  inbox: 'Inbox', mine: 'Mine', unassigned: 'Unassigned', waiting: 'Waiting on external', answered: 'External answered',
  resolved: 'Resolved', all: 'All items',
};

/** @param {string} s */
export const status = (s) => STATUS[s] ?? s;
/** @param {string} s */
export const category = (s) => CATEGORY[s] ?? s;
/** @param {string} s */
export const role = (s) => ROLE[s] ?? s;
/** @param {string} s */
export const view = (s) => VIEW[s] ?? s;
export { STATUS, CATEGORY, ROLE };

/** Worst first: a message is as well as its worst delivery. @type {DeliveryState[]} */
const WORST = ['bounced', 'failed', 'delayed', 'queued', 'sending', 'sent'];

/** @param {Delivery} d @param {Date} [now] */
export function delivery(d, now = new Date()) {
  switch (d.state) {
    case 'sent': return answeredAt(d) ? `answered ${moment(answeredAt(d), now)}` : `delivered ${moment(sentAt(d), now)}`;
    case 'sending': return 'on its way';
    case 'queued': return 'waiting to be sent';
    case 'delayed': return d.nextAttempt ? `delayed, next try ${moment(d.nextAttempt, now)}` : 'delayed, will be tried again';
    case 'bounced': return 'came back undelivered';
    default: return 'could not be delivered';
  }
}

/** @param {Delivery} d */
const answeredAt = (d) => d.timeline?.find((s) => s.state === 'answered')?.at ?? '';

/** A report may have touched it since. @param {Delivery} d */
const sentAt = (d) => d.timeline?.findLast((s) => s.state === 'sent')?.at ?? d.updated;

/** @type {Record<string, string>} */
const STEP = {
  queued: 'queued', sending: 'on its way', sent: 'handed over', delayed: 'put off', bounced: 'came back', failed: 'given up',
  opened: 'opened their link', answered: 'answered',
};

/** One moment of a delivery: "handed to mx.vendor.com, which said"; the words themselves stand below. @param {{state: string, who?: string, said?: string}} s */
export function step({ state, who, said }) {
  if (state === 'sent' && who) return `handed to ${who}${said ? ', which said' : ''}`;
  return `${STEP[state] ?? state}${who ? ` · ${who}` : ''}`;
}

/**
 * One line for a message's deliveries, and how much it matters.
 * @param {Delivery[]} deliveries
 * @param {Participant[]} participants
 * @param {Date} [now]
 * @returns {{text: string, tone: ''|'warn'|'bad'}}
 */
export function deliveries(deliveries, participants, now = new Date()) {
  if (!deliveries.length) return { text: '', tone: '' };
  const state = WORST.find((w) => deliveries.some((d) => d.state === w)) ?? 'sent';
  const these = deliveries.filter((d) => d.state === state);
  const last = these.reduce((a, b) => (a.updated > b.updated ? a : b));
  const who = these.length === deliveries.length && deliveries.length > 1 ? '' : list(these.map((d) => nameOf(d.participant, participants)));
  if (state === 'sent') {
    const open = deliveries.filter((d) => !answeredAt(d));
    if (!open.length || open.length === deliveries.length) return { text: delivery(last, now), tone: '' };
    const spoke = deliveries.filter(answeredAt).map((d) => nameOf(d.participant, participants));
    return { text: `delivered, ${spoke.length > 3 ? `${spoke.length} of ${deliveries.length}` : list(spoke)} answered`, tone: '' };
  }
  const text = who && deliveries.length > 1 ? `${who}: ${delivery(last, now)}` : delivery(last, now);
  return { text, tone: state === 'bounced' || state === 'failed' ? 'bad' : state === 'delayed' ? 'warn' : '' };
}

/** @param {string} id @param {Participant[]} participants */
export function nameOf(id, participants) {
  const p = participants.find((x) => x.id === id);
  return p ? short(p) : 'someone removed';
}

/**
 * The words beside an outsider's name. For a proven sender the server's reason, since it knows what was checked; a
 * doubtful one is named shortly here, and the reason stands in the notice below (rooms/team-only.js).
 * @param {SideMessage} m
 * @param {string} [whose] the participant whose address or link was used
 * @returns {{text: string, tone: 'good'|'warn'|'', mark: string}|null}
 */
export function trust(m, whose = '') {
  if (m.direction === 'out' || m.trust === 'team') return null;
  if (m.trust === 'verified') return { text: m.trustReason || 'Verified', tone: 'good', mark: '✓' };
  if (m.trust === 'shared_link') return { text: m.trustReason || 'via shared link, name as given', tone: 'warn', mark: '!' };
  if (m.trust === 'other_sender') return { text: whose ? `Not ${whose}’s known address` : 'Not a known address', tone: 'warn', mark: '!' };
  return { text: 'Not verified', tone: 'warn', mark: '!' };
}

/** Is this message kept from the portal until someone accepts it? @param {SideMessage} m */
export const teamOnly = (m) =>
  m.direction === 'in' && !m.accepted && (m.trust === 'other_sender' || m.trust === 'unverified');

/** @type {Record<string, string>} */
const KIND = { auto_reply: 'Automatic answer', bounce: 'Delivery report', delay: 'Delay notice', receipt: 'Read receipt', complaint: 'Complaint' };

/** Automatic mail is kept, collapsed under this name. @param {SideMessage} m */
export const automatic = (m) => KIND[m.kind] ?? '';

/** Addresses a letter names beside ours, that could be asked in (the server says it in this sentence). @param {SideMessage} m @param {Conversation} c */
export function suggested(m, c) {
  const there = new Set(receivers(c.participants).map((p) => p.email.toLowerCase()));
  return m.warnings.flatMap((w) => /^Also addressed to (\S+@\S+)\.$/.exec(w)?.[1] ?? []).filter((a) => !there.has(a.toLowerCase()));
}

/** @param {Conversation} c @param {Date} [now] */
export function waiting(c, now = new Date()) {
  if (c.status !== 'open' || !c.waitingSince) return '';
  return `waiting on ${audience(c.participants) || 'nobody'} · ${since(c.waitingSince, now)}`;
}

/** Two letters for a face. @param {string} name */
export function initials(name) {
  const words = name.trim().split(/[\s@.]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : (words[0] ?? '?')[0];
  return letters.toUpperCase();
}

/** The same colour for the same name, one of eight. @param {string} name */
export function hue(name) {
  let sum = 7;
  for (const c of name) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) % 9973;
  return (sum % 8) + 1;
}
