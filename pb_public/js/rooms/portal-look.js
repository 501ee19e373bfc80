// How the pages look that outsiders see: a colour, and a line on top.

import { html } from '../html.js';
import { Fault } from '../parts/small.js';

/** @import {Problem, Project} from '../types.js' */

/** The palette of the portal, in its order; the first is whatever the project's name gives. */
const COLORS = ['', 'teal', 'violet', 'orange', 'blue', 'magenta', 'green', 'red', 'cyan', 'purple', 'brown', 'olive', 'rose'];

/** @param {{p: Project, save: (values: Partial<Project>) => Promise<void>, fault: Problem|null}} props */
export function PortalLook({ p, save, fault }) {
  const submit = (/** @type {any} */ e) => {
    e.preventDefault();
    save({ portalWelcome: String(new FormData(e.currentTarget).get('portalWelcome')).trim() });
  };
  return html`
    <form class="settings fields" onSubmit=${submit}><h2>What outsiders see</h2>
      <div class="field" role="radiogroup" aria-labelledby="portal-colour"><span class="label" id="portal-colour">Colour <small>of their pages and letters</small></span>
        <div class="swatches">${COLORS.map((name) => html`<label key=${name} title=${name || 'By the project’s name'}>
          <input type="radio" name="portalColor" class=${`swatch ${name || 'by-name'}`} aria-label=${name || 'By the project’s name'} checked=${(p.portalColor ?? '') === name} onChange=${() => save({ portalColor: name })} /></label>`)}</div>
      </div><${Fault} text=${fault?.fields.portalColor} />
      <label class="field"><span class="label">A line on top <small>of the portal and of the hosted form</small></span>
        <input type="text" name="portalWelcome" maxlength="300" placeholder="We read this on weekdays from 9 to 5." defaultValue=${p.portalWelcome ?? ''} /></label><${Fault} text=${fault?.fields.portalWelcome} />
      <div class="row"><button class="main">Save</button><a class="quiet" href=${`/f/${p.slug}`} target="_blank">Look at the hosted form</a></div>
    </form>`;
}
