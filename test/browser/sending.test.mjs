// What an agent does about sending besides writing: taking a letter back in time, and looking at the mail set-up.

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

test('a letter taken back is in the form again, and nobody got it', async () => {
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await ada.page.goto(`${demo.inbox}/app/me`);
  const wait = ada.page.getByLabel(/Letters wait/);
  await wait.fill('25');
  await wait.blur();
  await ada.page.getByText('Saved.').first().waitFor();
  await ada.page.goto(`${demo.inbox}/app/`);
  await ada.page.getByText('Priya Raman').first().click();
  await ada.page.getByRole('button', { name: /^New( C)?$/ }).click();
  const form = ada.page.getByRole('form', { name: 'New side conversation' });
  await form.getByRole('combobox').fill('Bob Vendor <bob@vendor.test>');
  await ada.page.keyboard.press('Enter');
  await form.locator('input[name=subject]').fill('Too quick by half');
  await form.locator('textarea[name=message]').fill('These words come back.');
  await form.getByRole('button', { name: /^Send to Bob/ }).click();
  await ada.page.getByRole('button', { name: 'Undo send' }).click();
  await ada.page.getByText(/Taken back/).first().waitFor();
  await ada.page.getByText('Too quick by half').first().waitFor({ state: 'detached' });
  await ada.page.getByRole('button', { name: /^New( C)?$/ }).click();
  assert.equal(await form.locator('textarea[name=message]').inputValue(), 'These words come back.');
  assert.equal(await form.locator('input[name=subject]').inputValue(), 'Too quick by half');
  const mail = await (await fetch(`${demo.mail}/`)).text();
  assert.ok(!mail.includes('Too quick by half'), 'it was sent');
  assert.deepEqual(ada.faults, []);
  await ada.close();
});

test('the mail set-up says what others see, with the lines to paste', async () => {
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await ada.page.getByRole('link', { name: 'Project settings' }).click();
  await ada.page.getByRole('button', { name: 'Check it now' }).click();
  const section = ada.page.getByRole('region', { name: 'Mail set-up' });
  await section.getByText('reverse DNS').waitFor({ timeout: 40_000 });
  await section.getByText(/All lines to publish/).click();
  assert.match(await section.locator('pre').last().innerText(), /IN TXT "v=DKIM1; k=ed25519/);
  assert.deepEqual(ada.faults, []);
  await ada.close();
});

test('a customer whose letters came back is asked about before the next one, and the timeline says what happened', async () => {
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body, token = '') => {
    const res = await fetch(demo.inbox + path, { method, headers: { 'Content-Type': 'application/json', ...(token && { Authorization: token }) }, body: body && JSON.stringify(body) });
    assert.ok(res.ok, `${method} ${path}: ${res.status}`);
    return res.json();
  };
  const { token } = await call('POST', '/api/collections/_superusers/auth-with-password', { identity: 'operator@acme.test', password: demo.password });
  await call('POST', '/api/collections/suppressions/records', { address: 'tomas@herrera.test', reason: 'bounce', words: '550 5.1.1 no such user', since: new Date().toISOString() }, token);
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await ada.page.getByText('Tomás Herrera').first().click();
  const thread = ada.page.locator('.rail.customer');
  const to = await thread.getByRole('textbox').getAttribute('placeholder');
  assert.match(to ?? '', /Answer Tomás/);
  await thread.getByRole('textbox').fill('You can collect it from Thursday on.');
  await thread.getByRole('button', { name: /^Send to Tomás/ }).click();
  const asks = ada.page.getByRole('dialog', { name: 'That address did not exist' });
  await asks.getByText(/550 5\.1\.1 no such user/).waitFor();
  await ada.page.screenshot({ path: 'test/browser/out/customer-bounced.png' });
  await asks.getByRole('button', { name: 'Go back' }).click();
  await thread.getByText(/could not be reached/).waitFor();
  await thread.getByRole('button', { name: 'Retry' }).click();
  await asks.getByRole('button', { name: 'Try it again' }).click();
  const timeline = thread.locator('.deliveries').last();
  await timeline.locator('summary', { hasText: /^delivered/ }).click();
  await timeline.locator('.steps li', { hasText: /handed to \S+, which said\s*250 / }).waitFor();
  await ada.page.screenshot({ path: 'test/browser/out/customer-timeline.png' });
  assert.deepEqual(ada.faults.filter((f) => !f.includes('status of 400')), []);
  await ada.close();
});
