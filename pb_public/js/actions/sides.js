// What is done to a side conversation besides writing in it.

import { format } from '../addresses.js';
import * as api from '../api.js';
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
    if (!values.confirmSubmitter && (await submitterConfirmed(p))) return start({ ...values, confirmSubmitter: true }, files, key);
    return p;
  }
}

/** @param {string} id @param {Person[]} to @param {boolean} [confirmed] @returns {Promise<string>} what went wrong, or '' */
export async function addPeople(id, to, confirmed = false) {
  try {
    await api.addParticipants(id, to.map(format), confirmed);
    await refreshItem();
    return '';
  } catch (e) {
    const p = api.problem(e);
    if (!confirmed && (await submitterConfirmed(p))) return addPeople(id, to, true);
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

/** @param {SideMessage} m @param {'message'|'participant'|'alias'} as */
export const accept = (m, as) => act(() => api.accept(m.id, as), {
  message: 'Accepted. Everyone in the conversation sees it now.',
  participant: `${m.fromEmail} takes part now.`,
  alias: `Mail from ${m.fromEmail} counts as the same person from now on.`,
}[as]);
