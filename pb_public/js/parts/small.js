// The smallest pieces, each a line or two.

import { html } from '../html.js';
import { date, hue, initials, moment, when, whole } from '../words.js';

/** A person's initials in their colour. @param {{name: string, big?: boolean, unknown?: boolean}} props */
export const Face = ({ name, big, unknown }) => html`
  <span class=${`face ${unknown ? 'unknown' : `hue-${hue(name)}`} ${big ? 'big' : ''}`} aria-hidden="true">${unknown ? '?' : initials(name)}</span>`;

/** @param {{tone?: string, dot?: boolean, title?: string, children?: any}} props */
export const Pill = ({ tone = '', dot, title, children }) => html`
  <span class=${`pill ${tone}`} title=${title}>${dot && html`<i class="dot"></i>`}${children}</span>`;

/** @param {{at: string, list?: boolean}} props */
export const Time = ({ at, list }) => at && html`
  <time class="time" datetime=${date(at).toISOString()} title=${whole(date(at))}>${list ? when(at) : moment(at)}</time>`;

/** The key that does the same; shown softly, not read aloud. @param {{children?: any}} props */
export const Key = ({ children }) => html`<kbd aria-hidden="true">${children}</kbd>`;

/** A trouble, in a sentence, with the next step on it. @param {{tone?: string, children?: any, actions?: any, role?: string}} props */
export const Notice = ({ tone = 'warn', children, actions, role }) => html`
  <div class=${`notice ${tone}`} role=${role}><span class="grow">${children}</span>${actions && html`<span class="actions">${actions}</span>`}</div>`;

/** @param {{children?: any}} props */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/** Keeps the shape of what comes. @param {{lines?: number}} props */
export const Bones = ({ lines = 3 }) => html`
  <div class="bones" aria-hidden="true">${Array.from({ length: lines }, (_, i) => html`<i key=${i}></i>`)}</div>`;

/** Where a form's field went wrong. @param {{text?: string}} props */
export const Fault = ({ text }) => text && html`<p class="fault" role="alert">${text}</p>`;
