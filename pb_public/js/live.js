// Live news. The server sends ids only, on one topic per project and one per user; what they stand for is fetched like
// anything else. After a lost connection everything on screen is fetched again: nobody knows what was missed.

import { pb } from './api.js';
import { refreshItem } from './actions/items.js';
import { refreshHeld, refreshList } from './actions/lists.js';
import { refreshNotices } from './actions/notices.js';
import { reloadProjects } from './actions/projects.js';
import { app, set } from './state.js';

/** Letters come in bursts; one fetch answers many of them. */
const GATHER_MS = 150;
/** A first connection that failed is tried again by us; a lost one by the SDK. */
const RETRY_MS = 3000;

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const waiting = new Map();

/** @param {string} name @param {() => void} f */
function gather(name, f) {
  if (waiting.has(name)) return;
  waiting.set(name, setTimeout(() => (waiting.delete(name), f()), GATHER_MS));
}

/** @type {(() => Promise<void>)[]} */
let stops = [];
let topics = '';
/** Was there a time without a connection? Then nobody knows what was missed. */
let missed = false;

/** Listens for this person and these projects, and no longer to any other. @param {string} me @param {string[]} projects */
export async function listen(me, projects) {
  const wanted = [`live/users/${me}`, ...projects.map((p) => `live/projects/${p}`)];
  if (topics === wanted.join()) return;
  topics = wanted.join();
  await quiet();
  topics = wanted.join();
  try {
    const tell = () => gather('notices', () => refreshNotices({ tell: true }));
    stops = await Promise.all([
      pb.realtime.subscribe('PB_CONNECT', connected),
      pb.realtime.subscribe(wanted[0], tell),
      ...wanted.slice(1).map((topic) => pb.realtime.subscribe(topic, news)),
    ]);
  } catch {
    topics = '';
    missed = true;
    set({ online: false });
    setTimeout(() => app.value.me?.id === me && listen(me, projects), RETRY_MS);
  }
}

export async function quiet() {
  const all = stops;
  stops = [];
  topics = '';
  await Promise.allSettled(all.map((stop) => stop()));
}

/** @param {{collection?: string, id?: string, feedback?: string}} e */
function news(e) {
  if (e.collection === 'projects' || e.collection === 'members') gather('projects', reloadProjects);
  if (e.collection === 'held_mail') gather('held', refreshHeld);
  gather('list', refreshList);
  const open = app.value.pageId;
  if (open && (e.feedback === open || (e.collection === 'feedback' && e.id === open))) gather('item', refreshItem);
}

function connected() {
  set({ online: true });
  if (missed) refreshAll();
  missed = false;
}

export function refreshAll() {
  gather('projects', reloadProjects);
  gather('list', refreshList);
  gather('item', refreshItem);
  gather('notices', () => refreshNotices({ tell: false }));
}

pb.realtime.onDisconnect = (active) => {
  if (!active.length) return;
  missed = true;
  set({ online: false });
};
addEventListener('online', refreshAll);
