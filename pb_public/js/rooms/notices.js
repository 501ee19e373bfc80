// Notifications: what happened while one looked elsewhere.

import { useEffect } from 'preact/hooks';
import { readAll, refreshNotices } from '../actions/notices.js';
import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Empty, Time } from '../parts/small.js';
import { format } from '../route.js';
import { pick } from '../state.js';

const notices = pick((s) => s.notices);
const unread = pick((s) => s.unread);
const muted = pick((s) => s.me?.muteApp ?? false);

/** @param {{close: () => void}} props */
export function Notices({ close }) {
  useEffect(() => void refreshNotices({ tell: false }), []);
  const actions = unread.value > 0 && html`<button type="button" class="quiet" onClick=${readAll}>Mark all as read</button>`;
  return html`
    <${Dialog} title="Notifications" kind="corner" onClose=${close} actions=${actions}>
      ${muted.value && html`<p class="dim">You turned off notifications in the inbox. <a href="/app/me" onClick=${close}>Change it</a></p>`}
      ${!notices.value.length && html`<${Empty}>Answers from outside and letters that came back are told here.<//>`}
      <ul class="notices">${notices.value.map((n) => html`
        <li key=${n.id}><a class=${`notice-line ${n.read ? '' : 'unread'}`} onClick=${close}
          href=${format({ room: 'item', item: n.feedback, conversation: n.conversation })}>
          <span class="row"><small>#${n.number}</small><span class="grow"></span><${Time} at=${n.created} list /></span>
          <span>${n.text}</span>${!n.read && html`<span class="unseen">unread</span>`}</a></li>`)}</ul>
    <//>`;
}
