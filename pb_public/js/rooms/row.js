// One item in the list.

import { html } from '../html.js';
import { Face, Pill, Time } from '../parts/small.js';
import { format } from '../route.js';
import { route } from '../state.js';
import { since, status } from '../words.js';

/** @import {Row} from '../types.js' */

/** The tone of a status, everywhere. @param {string} s */
export const statusTone = (s) => ({ new: 'new', in_progress: 'warn', resolved: 'good' })[s] ?? '';

/** @param {{row: Row, on: boolean}} props */
export function ItemRow({ row, on }) {
  const { view, q } = route.value;
  const href = format({ project: row.project, view, q, item: row.id });
  return html`
    <a class=${`item ${row.unread ? 'unread' : ''}`} href=${href} aria-current=${on ? 'true' : undefined} data-item=${row.id}>
      <span class="row"><b class="grow cut">${row.submitterName || row.submitterEmail || 'Someone'}</b><${Time} at=${row.lastActivity} list /></span>
      <span class="row"><span class="grow cut title" dir="auto">${row.title}</span>${row.assigneeName && html`
        <span title=${`Looked after by ${row.assigneeName}`}><${Face} name=${row.assigneeName} /><span class="unseen">${row.assigneeName}</span></span>`}</span>
      <span class="row wrap facts"><small>#${row.number}</small><${Pill} dot tone=${statusTone(row.status)}>${status(row.status)}<//>
        <${Outside} row=${row} />${row.unread && html`<span class="unseen">unread</span>`}</span>
    </a>`;
}

/** Trouble first, then who is waited for, then what came. @param {{row: Row}} props */
function Outside({ row }) {
  const trouble = row.trouble && html`<${Pill} tone="bad">${row.trouble}<//>`;
  if (row.sideAnswered) return html`<${Pill} tone="outside">${row.sideCount} side · ${row.sideAnswered} answered<//>${trouble}`;
  if (trouble) return trouble;
  if (row.waitingOn) return html`<${Pill}>waiting on ${row.waitingOn} · ${since(row.waitingSince)}<//>`;
  return row.sideCount > 0 && html`<${Pill}>${row.sideCount} side<//>`;
}
