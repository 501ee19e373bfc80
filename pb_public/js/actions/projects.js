// The projects one is a member of, and as what: fetched at the start, and again when one of them changes.

import * as api from '../api.js';
import { app, set } from '../state.js';

export async function reloadProjects() {
  const me = app.value.me;
  if (!me) return;
  try {
    set({ projects: await api.projects(me.id), online: true });
  } catch {
    // what is known stays on screen; the next change or the next start brings the rest
  }
}
