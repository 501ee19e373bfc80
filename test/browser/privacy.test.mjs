// People's data, through the page: retention shows what it will delete, one person is looked at, exported and erased.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newPage, signIn, startBrowser, startDemo } from './demo.mjs';

/** @type {Awaited<ReturnType<typeof startDemo>>} */ let demo;
/** @type {import('playwright-core').Browser} */ let browser;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** @param {import('playwright-core').Page} page */
async function toPrivacy(page) {
  await page.getByRole('link', { name: 'Project settings' }).click();
  await page.getByRole('link', { name: 'Retention, export, erasure' }).click();
  await page.getByRole('heading', { name: 'Privacy' }).waitFor();
}

test('retention says before it runs what it will delete', async () => {
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await toPrivacy(ada.page);
  const form = ada.page.getByRole('form', { name: 'Retention' });
  await form.getByText('Nothing is deleted by itself.').waitFor();
  await form.getByLabel(/Delete closed items after/).fill('400');
  await form.getByText(/The first run is on .*As things stand it deletes nothing\./).waitFor();
  await form.getByRole('button', { name: 'Save' }).click();
  await ada.page.getByText('Saved.').first().waitFor();
  await form.getByText(/The next run is on/).waitFor();
  await form.getByLabel(/Delete closed items after/).fill('4000');
  await form.getByRole('alert').filter({ hasText: 'between 0 and 3650' }).waitFor();
  await form.getByLabel(/Delete closed items after/).fill('400');
  await ada.page.getByRole('link', { name: 'Project settings' }).first().click();
  await ada.page.getByText('Closed items are deleted after 400 days').waitFor();
  assert.deepEqual(ada.faults.filter((f) => !f.includes('400 (Bad Request)')), []);
  await ada.close();
});

test('one person is looked at, exported, and erased in so many words', async () => {
  const ada = await newPage(browser, { acceptDownloads: true });
  const { page } = ada;
  await signIn(page, demo);
  await toPrivacy(page);
  const section = page.getByRole('region', { name: 'One person’s data' });
  await section.getByLabel('Their address').fill('nobody@nowhere.test');
  await section.getByRole('button', { name: 'Look' }).click();
  await section.getByRole('alert').filter({ hasText: 'Nothing in this project is of nobody@nowhere.test.' }).waitFor();

  await section.getByLabel('Their address').fill('sam@glidewell.test');
  await section.getByRole('button', { name: 'Look' }).click();
  await section.getByText(/in side conversations|they are on/).first().waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), section.getByRole('button', { name: 'Export everything' }).click()]);
  assert.equal(download.suggestedFilename(), 'sam@glidewell.test.zip');
  const log = page.getByRole('region', { name: 'What was done' });
  await log.getByText(/exported what is kept of sam@glidewell\.test/).waitFor();

  await section.getByRole('button', { name: 'Erase…' }).click();
  const form = page.getByRole('form', { name: 'Erase sam@glidewell.test' });
  await form.getByLabel(/To confirm/).fill('erase somebody');
  await form.getByRole('button', { name: 'Erase for good' }).click();
  await form.getByRole('alert').filter({ hasText: 'Erasing cannot be undone' }).waitFor();
  await form.getByLabel(/To confirm/).fill('erase sam@glidewell.test');
  await form.getByRole('button', { name: 'Erase for good' }).click();
  await log.getByText(/had a person erased, who is “Erased person [0-9a-f]{4}” now/).waitFor();
  await log.getByText('done', { exact: true }).first().waitFor({ timeout: 30_000 });
  assert.ok(!(await page.locator('body').innerText()).includes('sam@glidewell.test'), 'the page still has their address');
  await section.getByLabel('Their address').fill('sam@glidewell.test');
  await section.getByRole('button', { name: 'Look' }).click();
  await section.getByRole('alert').filter({ hasText: 'Nothing in this project is of sam@glidewell.test.' }).waitFor();
  await page.goto(`${demo.inbox}/app/`);
  await page.getByText('Greta Lind').first().click();
  await page.getByText(/Erased person [0-9a-f]{4}/).first().waitFor();
  assert.ok(!(await page.locator('body').innerText()).includes('sam@glidewell.test'), 'the item still has their address');
  assert.deepEqual(ada.faults.filter((f) => !f.includes('400 (Bad Request)')), []);
  await ada.close();
});

test('who does not manage the project is told so, and the page reads on a narrow dark screen', async () => {
  const ada = await newPage(browser, { viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
  await signIn(ada.page, demo);
  const project = /** @type {string} */ (await ada.page.evaluate(async () => (await (await fetch('/api/inbox', { headers: { Authorization: JSON.parse(localStorage.getItem('pocketbase_auth') ?? '{}').token } })).json()).items[0].project));
  await ada.page.goto(`${demo.inbox}/app/p/${project}/privacy`);
  await ada.page.getByRole('form', { name: 'Retention' }).waitFor();
  assert.ok(await ada.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
  assert.deepEqual(ada.faults, []);
  await ada.close();
});
