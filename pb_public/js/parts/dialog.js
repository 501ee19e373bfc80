// A native modal dialog: Escape, focus and the backdrop are the browser's.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';

/** @param {{title: string, kind?: string, onClose: () => void, children?: any, actions?: any}} props */
export function Dialog({ title, kind = '', onClose, children, actions }) {
  const ref = useRef(/** @type {HTMLDialogElement|null} */ (null));
  useLayoutEffect(() => {
    const from = document.activeElement;
    ref.current?.showModal();
    return () => from instanceof HTMLElement && from.isConnected && from.focus();
  }, []);
  const outside = (/** @type {MouseEvent} */ e) => e.target === ref.current && onClose();
  return html`
    <dialog class=${`dialog ${kind}`} ref=${ref} aria-label=${title} onClose=${onClose} onMouseDown=${outside}>
      <div class="dialog-body">
        <header class="row">
          <h1 class="grow">${title}</h1>
          <button type="button" class="quiet small" onClick=${onClose} aria-label="Close this window">✕</button>
        </header>
        ${children}
        ${actions && html`<footer class="row end">${actions}</footer>`}
      </div>
    </dialog>`;
}
