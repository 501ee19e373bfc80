// Addresses as people type and paste them: "Bob <bob@v.com>, carl@v.com; dan@v.com" or one a line.

/** @import {Person} from './types.js' */

/** Enough to catch a slip before the server's strict grammar does. */
const ADDRESS = /^[^\s@<>"(),;:]+@[^\s@<>"(),;:]+\.[^\s@<>"(),;:.]+$/u;

/** @param {string} s */
export const looksRight = (s) => ADDRESS.test(s.trim());

/**
 * Splits a paste into people. What does not read as an address comes back in `rest`, to stay in the field.
 * @param {string} text
 * @returns {{people: Person[], rest: string}}
 */
export function split(text) {
  /** @type {Person[]} */
  const people = [];
  /** @type {string[]} */
  const rest = [];
  for (const part of parts(text)) {
    const named = /^"?(.*?)"?\s*<\s*([^<>\s]+)\s*>$/u.exec(part);
    const email = named ? named[2] : part.replace(/^mailto:/i, '');
    if (looksRight(email)) people.push({ name: named ? named[1].trim() : '', email: tidy(email) });
    else if (part.split(/\s+/).length > 1 && part.split(/\s+/).every(looksRight)) {
      for (const e of part.split(/\s+/)) people.push({ name: '', email: tidy(e) });
    } else rest.push(part);
  }
  return { people, rest: rest.join(', ') };
}

/** Commas, semicolons and line ends part; not those inside quotes. @param {string} text */
function parts(text) {
  /** @type {string[]} */
  const out = [];
  let quoted = false;
  let now = '';
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    if (!quoted && /[,;\n\r\t]/.test(c)) {
      out.push(now);
      now = '';
    } else now += c;
  }
  return [...out, now].map((s) => s.trim()).filter(Boolean);
}

/** The domain does not mind its case; the local part might. @param {string} email */
function tidy(email) {
  const at = email.lastIndexOf('@');
  return email.slice(0, at) + email.slice(at).toLowerCase();
}

/**
 * Adds people to a To field, each address once.
 * @param {Person[]} to
 * @param {Person[]} more
 */
export function add(to, more) {
  const known = new Set(to.map((p) => p.email.toLowerCase()));
  const fresh = more.filter((p) => !known.has(p.email.toLowerCase()) && known.add(p.email.toLowerCase()));
  return [...to, ...fresh];
}

/** As the server takes it. @param {Person} p */
export const format = (p) => (p.name ? `${quote(p.name)} <${p.email}>` : p.email);

/** @param {string} name */
const quote = (name) => (/^[\p{L}\p{N} '_-]+$/u.test(name) ? name : `"${name.replace(/["\\]/g, '')}"`);
