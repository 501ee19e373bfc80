// Times as short as they can be told apart. Pure: pass `now` in tests.

const DAY = 86_400_000;

/** How times are written: the person's own choice, else British and the device's zone. */
let locale = 'en-GB';
/** @type {string|undefined} */ let timeZone;

/** @param {string} [language] @param {string} [zone] */
export function writeTimes(language, zone) {
  locale = known(() => new Intl.DateTimeFormat(language)) && language ? language : 'en-GB';
  timeZone = known(() => new Intl.DateTimeFormat('en', { timeZone: zone })) && zone ? zone : undefined;
}

/** @param {() => any} make */
function known(make) {
  try {
    return !!make();
  } catch {
    return false; // a name this browser has never heard of
  }
}

/** Dates come as PocketBase writes them, "2026-11-24 10:04:00.000Z". @param {string} s */
export const date = (s) => new Date(s.includes('T') ? s : s.replace(' ', 'T'));

/** The calendar day there, as a count. @param {Date} d */
const midnight = (d) => Date.parse(d.toLocaleDateString('sv', { timeZone })); // Swedish dates are ISO dates

/** Whole calendar days from then to now. @param {Date} then @param {Date} now */
const daysBetween = (then, now) => Math.round((midnight(now) - midnight(then)) / DAY);

/** @param {Date} d */
export const clock = (d) => d.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone });

/** @param {Date} d @param {Date} now */
function day(d, now) {
  const ago = daysBetween(d, now);
  if (ago === 0) return '';
  if (ago === 1) return 'Yesterday';
  if (ago > 1 && ago < 7) return d.toLocaleDateString(locale, { weekday: 'short', timeZone });
  const year = d.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return d.toLocaleDateString(locale, { day: 'numeric', month: 'short', year, timeZone });
}

/** Whole: "24 November 2026 at 09:41". @param {Date} d */
export const whole = (d) => d.toLocaleString(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });

/** A day: "24 Nov". @param {Date} d */
export const dayOf = (d) => d.toLocaleDateString(locale, { day: 'numeric', month: 'short', timeZone });

/** For lists: "09:41", "Yesterday", "Fri", "12 Nov". @param {string} s @param {Date} [now] */
export function when(s, now = new Date()) {
  if (!s) return '';
  const d = date(s);
  return day(d, now) || clock(d);
}

/** In threads: "09:31", "Mon 08:55", "12 Nov 09:12". @param {string} s @param {Date} [now] */
export function moment(s, now = new Date()) {
  if (!s) return '';
  const d = date(s);
  return `${day(d, now)} ${clock(d)}`.trim();
}

/** For how long: "just now", "20 min", "5 h", "3 d". @param {string} s @param {Date} [now] */
export function since(s, now = new Date()) {
  if (!s) return '';
  const minutes = Math.floor((now.getTime() - date(s).getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 1440)} d`;
}
