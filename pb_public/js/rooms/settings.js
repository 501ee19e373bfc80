// Project settings: what its owner and admins decide. Others may read how things stand.

import { useState } from 'preact/hooks';
import * as api from '../api.js';
import { reloadProjects } from '../actions/projects.js';
import { html } from '../html.js';
import { Fault, Notice } from '../parts/small.js';
import { format } from '../route.js';
import { here, pick, toast } from '../state.js';
import { manages } from '../store.js';
import { count } from '../words.js';
import { Doctor } from './doctor.js';
import { Keys } from './keys.js';
import { People } from './people.js';
import { PortalLook } from './portal-look.js';

/** @import {Problem, Project} from '../types.js' */

const status = pick((s) => s.status);

/** @type {Record<string, string>} */
const PLAN = { free: 'Free', pro: 'Pro', pro_max: 'Pro Max' };

export function Settings() {
  const p = here.value;
  if (!p) return html`<main class="page"><h1>No project</h1></main>`;
  return html`
    <main class="page" aria-label="Project settings" key=${p.id}>
      <header class="page-head"><h1>${manages(p.role) ? 'Project settings' : p.name}</h1>
        <p class="dim">${p.name} · ${PLAN[p.plan] ?? p.plan} plan${status.value?.mailDomain ? ` · new feedback by mail: ${p.slug}@${status.value.mailDomain}` : ''}</p></header>
      ${manages(p.role) ? html`<${Form} p=${p} />` : html`<${Notice} tone="">Owners and admins change the settings. Side conversations are ${p.sideConversations ? 'on' : 'off'}.<//>`}
      <${People} project=${p} />
      ${manages(p.role) && html`<${Keys} project=${p} /><${PrivacyLink} p=${p} /><${Doctor} project=${p} key=${`doctor ${p.id}`} />`}
    </main>`;
}

/** @param {{p: Project}} props */
const PrivacyLink = ({ p }) => html`
  <section class="settings" aria-label="Privacy"><h2>Privacy</h2>
    <p class="dim">${p.retentionDays ? `Closed items are deleted after ${count(p.retentionDays, 'day')} without anything happening on them.` : 'Closed items are kept.'} What there is of one person can be exported or erased.</p>
    <div class="row"><a class="button" href=${format({ room: 'privacy', project: p.id })}>Retention, export, erasure</a></div>
  </section>`;

/** @param {{p: Project}} props */
function Form({ p }) {
  const [fault, setFault] = useState(/** @type {Problem|null} */ (null));
  const save = async (/** @type {Partial<Project>} */ values) => {
    try {
      await api.saveProject(p.id, values);
      setFault(null);
      toast('Saved.');
    } catch (e) {
      setFault(api.problem(e));
    }
    await reloadProjects();
  };
  const submit = (/** @type {any} */ e) => {
    e.preventDefault();
    const v = Object.fromEntries(new FormData(e.currentTarget));
    save({ name: String(v.name), senderName: String(v.senderName), signature: String(v.signature), linkDays: Number(v.linkDays) || 0, heldDays: Number(v.heldDays) || 0 });
  };
  const f = fault?.fields ?? {};
  const tick = (/** @type {keyof Project} */ name) => (/** @type {any} */ e) => save({ [name]: e.currentTarget.checked });
  return html`
    <section class="settings"><h2>Side conversations</h2>
      ${p.plan === 'free' && html`<${Notice}><b>Side conversations need the Pro or Pro Max plan.</b> The section stays hidden until the plan is changed. Mail to existing ones is kept.<//>`}
      <label class="tick switch-tick"><input type="checkbox" role="switch" checked=${p.sideConversations} onChange=${tick('sideConversations')} />
        <span><b>Enable side conversations</b><small>${p.sideConversations ? 'Agents can write to outsiders about an item, in private.'
          : 'Off: the section is hidden and none can be started. Mail for existing ones is kept, and shows again when this is on.'}</small></span></label>
      <label class="tick"><input type="checkbox" checked=${p.reopenOnReply} onChange=${tick('reopenOnReply')} />
        <span><b>Reopen on a late answer</b><small>When a verified answer comes to a closed conversation, it opens again.</small></span></label>
      <label class="tick"><input type="checkbox" checked=${p.unverifiedReplies === 'hold'} onChange=${(/** @type {any} */ e) => save({ unverifiedReplies: e.currentTarget.checked ? 'hold' : 'accept' })} />
        <span><b>Hold unverified answers</b><small>${p.unverifiedReplies === 'hold' ? 'Answers nothing vouches for wait in Held mail.' : 'Answers nothing vouches for are shown to the team, marked, and to nobody else.'}</small></span></label>
      <label class="tick"><input type="checkbox" checked=${p.rejectedMail === 'hold'} onChange=${(/** @type {any} */ e) => save({ rejectedMail: e.currentTarget.checked ? 'hold' : 'refuse' })} />
        <span><b>Hold what its sender’s domain wants refused</b><small>${p.rejectedMail === 'hold' ? 'It waits in Held mail.' : 'It is refused at the door, and its sender is told.'}</small></span></label>
    </section>
    <form class="settings fields" onSubmit=${submit} key=${p.id}><h2>Names and letters</h2>
      <label class="field"><span class="label">Project name</span><input type="text" name="name" required defaultValue=${p.name} /></label><${Fault} text=${f.name} />
      <label class="field"><span class="label">Sender name <small>on letters; empty: the agent and the project</small></span><input type="text" name="senderName" defaultValue=${p.senderName} /></label><${Fault} text=${f.senderName} />
      <label class="field"><span class="label">Signature <small>under every letter</small></span><textarea name="signature" rows="3" defaultValue=${p.signature}></textarea></label><${Fault} text=${f.signature} />
      <label class="field short"><span class="label">Portal links expire after, in days <small>0: never</small></span><input type="number" name="linkDays" min="0" max="3650" defaultValue=${p.linkDays} /></label><${Fault} text=${f.linkDays} />
      <label class="field short"><span class="label">Held mail is deleted after, in days <small>0: kept until somebody decides</small></span><input type="number" name="heldDays" min="0" max="3650" defaultValue=${p.heldDays} /></label><${Fault} text=${f.heldDays} />
      <${Fault} text=${fault && !Object.keys(f).length ? fault.message : ''} />
      <div class="row"><button class="main">Save</button></div>
    </form>
    <${PortalLook} p=${p} save=${save} fault=${fault} key=${`look ${p.id}`} />`;
}
