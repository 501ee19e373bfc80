// Times as short as they can be told apart. Pure: pass `now` in tests.

const LOCALE = 'en-GB';
const DAY = 86_400_000;

/** Dates come as PocketBase writes them, "2026-11-24 10:04:00.000Z". @param {string} s */
export const date = (s) => new Date(s.includes('T') ? s : s.replace(' ', 'T'));

/** @param {Date} d */
const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();

/** Whole calendar days from then to now. @param {Date} then @param {Date} now */
const daysBetween = (then, now) => Math.round((midnight(now) - midnight(then)) / DAY);

/** @param {Date} d */
export const clock = (d) => d.toLocaleTimeString(LOCALE, { hour: '2-digit', minute: '2-digit' });

/** @param {Date} d @param {Date} now */
function day(d, now) {
  const ago = daysBetween(d, now);
  if (ago === 0) return '';
  if (ago === 1) return 'Yesterday';
  if (ago > 1 && ago < 7) return d.toLocaleDateString(LOCALE, { weekday: 'short' });
  const year = d.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return d.toLocaleDateString(LOCALE, { day: 'numeric', month: 'short', year });
}

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
