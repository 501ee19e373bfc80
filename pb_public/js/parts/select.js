// A native select that looks like the pill it stands for.

import { html } from '../html.js';

/**
 * @param {{label: string, value: string, options: [string, string][], tone?: string, disabled?: boolean, kind?: string,
 *   onPick: (value: string) => void}} props
 */
export const Select = ({ label, value, options, tone = '', disabled, kind = '', onPick }) => html`
  <select class=${`select ${tone} ${kind}`} aria-label=${label} title=${label} disabled=${disabled} value=${value}
    onChange=${(/** @type {any} */ e) => onPick(e.currentTarget.value)}>
    ${options.map(([v, text]) => html`<option key=${v} value=${v} selected=${v === value}>${text}</option>`)}
  </select>`;
