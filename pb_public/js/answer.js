// "Use in answer": an outsider's words, made into the start of an answer to the customer. The customer must not learn
// who was asked, so names, addresses, numbers and links are left out, and what was left out is told to the agent.
// It only ever fills a draft: a person reads and sends it.

/** @import {Participant} from './types.js' */

const LINK = /\b(?:https?:\/\/|www\.)\S+/giu;
const ADDRESS = /[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[\p{L}\p{N}-]+/giu;
const PHONE = /\+?\d[\d ()/.-]{7,}\d/gu;
const GREETING = /^\s*(hi|hello|dear|hey|good (morning|afternoon|evening))\b[^\n]{0,40}[,!.]?\s*$/iu;
const FAREWELL = /^\s*(best|kind|warm|many)?\s*(regards|wishes|thanks|cheers|sincerely|yours|best|thank you)[,.! ]*$/iu;

/**
 * @param {string} text
 * @param {Pick<Participant, 'name'|'email'>[]} people
 * @returns {{text: string, leftOut: string[]}}
 */
export function forCustomer(text, people) {
  /** @type {Set<string>} */
  const leftOut = new Set();
  const drop = (/** @type {string} */ what) => () => (leftOut.add(what), '…');
  let out = body(text, leftOut).replace(LINK, drop('links')).replace(ADDRESS, drop('addresses')).replace(PHONE, drop('numbers'));
  for (const word of names(people)) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escape(word)}(?![\\p{L}\\p{N}])`, 'giu');
    out = out.replace(pattern, drop('names'));
  }
  return { text: out.replace(/…(\s*…)+/g, '…').trim(), leftOut: [...leftOut] };
}

/** Without greeting, farewell and signature. @param {string} text @param {Set<string>} leftOut */
function body(text, leftOut) {
  const lines = text.split('\n');
  const first = lines.findIndex((l) => l.trim());
  if (first >= 0 && GREETING.test(lines[first])) lines.splice(0, first + 1);
  const sign = lines.findIndex((l, i) => l.trimEnd() === '--' || (i > 0 && i >= lines.length - 8 && FAREWELL.test(l)));
  if (sign >= 0) leftOut.add('signature');
  return (sign >= 0 ? lines.slice(0, sign) : lines).join('\n').trim();
}

/** Each name whole, its words, and the company in the address. @param {Pick<Participant, 'name'|'email'>[]} people */
function names(people) {
  const words = people.flatMap((p) => [p.name, ...p.name.split(/\s+/), p.email.split('@')[1]?.split('.')[0] ?? '']);
  return [...new Set(words.filter((w) => w.length > 2))].sort((a, b) => b.length - a.length);
}

/** @param {string} s */
const escape = (s) => s.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
