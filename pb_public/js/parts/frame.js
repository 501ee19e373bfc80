// The two frames: a stranger's own formatting, and our letter before it is sent. Neither can run anything.

import { useEffect, useRef, useState } from 'preact/hooks';
import { problem } from '../api.js';
import { fileURL } from '../file-url.js';
import { html } from '../html.js';
import { paint } from '../letter.js';

/** The server's /body is a whole page with a policy of its own; the frame adds: no scripts, no forms, no origin. @param {{path: string}} props */
export function Original({ path }) {
  const [src, setSrc] = useState('');
  const [error, setError] = useState('');
  useEffect(() => {
    fileURL(path).then(setSrc, (e) => setError(problem(e).message));
  }, [path]);
  if (error) return html`<p class="fault">${error}</p>`;
  return html`<iframe class="original" title="Original formatting" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" src=${src || undefined}></iframe>`;
}

/** `allow-same-origin` lets us put the styles on (see letter.js); without `allow-scripts` nothing inside can use it. @param {{page: string, title: string}} props */
export function Letter({ page, title }) {
  const ref = useRef(/** @type {HTMLIFrameElement|null} */ (null));
  useEffect(() => {
    if (ref.current) paint(ref.current, page);
  }, [page]);
  return html`<iframe class="letter" ref=${ref} title=${title} sandbox="allow-same-origin"></iframe>`;
}
