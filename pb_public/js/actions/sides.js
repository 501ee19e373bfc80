// What is done to a side conversation besides writing in it.

import { format } from '../addresses.js';
import * as api from '../api.js';
import * as drafts from '../drafts.js';
import { write } from '../parts/composer.js';
import { ask, change, show, toast } from '../state.js';
import { toggled } from '../store.js';
import { refreshItem } from './items.js';
import { refreshList } from './lists.js';

/** @import {Person, SideMessage} from '../types.js' */

/** @param {string} id */
export async function copyURL(id) {
  try {
    const { url } = await api.url(id);
    try {
      await navigator.clipboard.writeText(url);
      toast('The conversation’s URL is copied. Whoever has it can read and answer.');
    } catch {
      show('url', { url }); // no clipboard without https: the address is shown to be copied by hand
    }
  } catch (e) {
    toast(api.problem(e).message, { tone: 'bad' });
  }
}

/** The submitter guard: an address that is the customer's is asked about in so many words. @param {import('../types.js').Problem} p */
export async function submitterConfirmed(p) {
  if (!p.fields.confirmSubmitter) return false;
  return Boolean(await ask({
    title: 'That is the customer',
    text: `${p.fields.confirmSubmitter.replace(/\s*Confirm that[^.]*\./, '')} In a side conversation they would read what you write to outsiders.`,
    yes: 'Write to the customer anyway', no: 'Go back',
  }));
}

/** An address that did not exist last time is asked about before it is tried again. @param {import('../types.js').Problem} p */
export async function bouncedConfirmed(p) {
  if (!p.fields.confirmBounced) return false;
  return Boolean(await ask({
    title: 'That address did not exist', text: p.fields.confirmBounced.replace(/\s*Check it, and confirm[^.]*\./, ' Letters to addresses that do not exist make other servers distrust ours.'),
    yes: 'Try it again', no: 'Go back',
  }));
}

/** What the agent says to whichever of the two was asked; nothing when neither, or no. @param {import('../types.js').Problem} p @param {Record<string, any>} given
 * @returns {Promise<Record<string, boolean>|null>} */
export async function confirmed(p, given) {
  if (!given.confirmSubmitter && (await submitterConfirmed(p))) return { confirmSubmitter: true };
  if (!given.confirmBounced && (await bouncedConfirmed(p))) return { confirmBounced: true };
  return null;
}

/**
 * Starts one. Answers with what went wrong, or nothing.
 * @param {Record<string, any>} values @param {File[]} files @param {string} key
 * @returns {Promise<import('../types.js').Problem|null>}
 */
export async function start(values, files, key) {
  try {
    const c = await api.start(values, files, key);
    change(toggled, c.id, true);
    await refreshItem();
    refreshList();
    requestAnimationFrame(() => write(`reply:${c.id}`));
    return null;
  } catch (e) {
    const p = api.problem(e);
    const yes = await confirmed(p, values);
    if (yes) return start({ ...values, ...yes }, files, key);
    return p;
  }
}

/** @param {string} id @param {Person[]} to @param {Record<string, boolean>} [given] @returns {Promise<string>} what went wrong, or '' */
export async function addPeople(id, to, given = {}) {
  try {
    await api.addParticipants(id, to.map(format), given);
    await refreshItem();
    return '';
  } catch (e) {
    const p = api.problem(e);
    const yes = await confirmed(p, given);
    if (yes) return addPeople(id, to, { ...given, ...yes });
    return p.fields.to || p.message;
  }
}

/** Does it, says so, and shows the item as it is then. @param {() => Promise<any>} what @param {string} [said] */
export async function act(what, said) {
  try {
    await what();
    if (said) toast(said);
  } catch (e) {
    toast(api.problem(e).message, { tone: 'bad' });
  }
  await refreshItem();
}

/** Takes back what has not left yet: the words go to where they were written. @param {SideMessage} m @param {import('../types.js').Conversation} c */
export async function undo(m, c) {
  try {
    const u = await api.undo(m.id);
    if (u.conversation) drafts.keep(`reply:${c.id}`, u.body);
    else drafts.keep(`new:${u.feedback}`, { to: c.participants.map((p) => ({ name: p.name, email: p.email })), subject: u.subject, message: u.body, sharePortal: u.sharePortal });
    await refreshItem();
    refreshList();
    if (u.conversation) write(`reply:${c.id}`, u.body);
    toast(u.conversation ? 'Taken back. Your words are in the reply form.' : 'Taken back. Your words are under New.');
  } catch (e) {
    toast(api.problem(e).message, { tone: 'bad' });
    await refreshItem();
  }
}

/** @param {SideMessage} m @param {'message'|'participant'|'alias'} as */
export const accept = (m, as) => act(() => api.accept(m.id, as), {
  message: 'Accepted. Everyone in the conversation sees it now.',
  participant: `${m.fromEmail} takes part now.`,
  alias: `Mail from ${m.fromEmail} counts as the same person from now on.`,
}[as]);
