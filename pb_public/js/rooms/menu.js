// The navigation on a narrow screen.

import { html } from '../html.js';
import { Dialog } from '../parts/dialog.js';
import { Nav } from './nav.js';

/** @param {{close: () => void}} props */
export const MenuDialog = ({ close }) => html`<${Dialog} title="Menu" kind="drawer" onClose=${close}><${Nav} /><//>`;
