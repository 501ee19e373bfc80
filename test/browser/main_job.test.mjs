// The main job through the pages, as a person does it: an agent writes to a vendor, the vendor answers by mail and on the portal,
// the agent sees it live, follows up, closes, reopens, reads the log; and the customer's thread has not changed.
// It leaves the README's pictures in docs/ when ASIDE_PICTURES=1 (make pictures).

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
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

/** Those of the README go to docs/ when asked for; all others, and all in a plain run, where they can be looked at. */
const README = ['inbox', 'inbox-dark', 'portal', 'compose'];
/** @param {import('playwright-core').Page} page @param {string} name @param {any} [more] */
async function picture(page, name, more) {
  const folder = process.env.ASIDE_PICTURES && README.includes(name) ? 'docs' : 'test/browser/out';
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, ...more });
}

const main = (page) => page.getByText('The blue widget arrived cracked').first();
const customerThread = (page) => page.locator('.rail.customer').innerText();

test('the whole job, from New to the activity log', async () => {
  const ada = await newPage(browser);
  const { page } = ada;
  await signIn(page, demo);
  await main(page).click();
  await page.getByText('Side conversations', { exact: true }).waitFor();
  const before = await customerThread(page);

  // New, write, look at what they will get, send
  await page.getByRole('button', { name: /^New( C)?$/ }).click();
  const form = page.getByRole('form', { name: 'New side conversation' });
  await form.getByRole('combobox').fill('Bob Vendor <bob@vendor.test>');
  await page.keyboard.press('Enter');
  await form.locator('input[name=subject]').fill('Hinge screws, batch 44');
  await form.locator('textarea[name=message]').fill('Hello Bob, a customer got a hinge bag with **four** screws. Can you send two M4×12 today?');
  await form.getByLabel('Include feedback context').check();
  const exact = page.frameLocator('.compose iframe').first();
  await exact.getByText('Can you send two M4×12 today?').waitFor();
  await exact.getByText('carla@customer.test').waitFor();
  await picture(page, 'compose');
  await form.getByRole('button', { name: /^Send to Bob/ }).click();
  const thread = page.locator('.rail.outside').filter({ hasText: 'Hinge screws, batch 44' });
  await thread.getByText('Can you send two M4×12 today?').waitFor();
  await thread.getByText(/delivered/).first().waitFor();

  // the vendor reads it and answers through the SMTP door
  const vendor = await newPage(browser);
  await vendor.page.goto(demo.mail);
  await vendor.page.getByRole('link', { name: /Hinge screws, batch 44/ }).first().click();
  const letter = vendor.page.frameLocator('iframe[title="The letter"]');
  await letter.getByText('Can you send two M4×12 today?').waitFor();
  const portalURL = await letter.getByRole('link', { name: 'View conversation' }).getAttribute('href');
  await picture(vendor.page, 'letter');
  await vendor.page.getByRole('textbox', { name: /Answer as/ }).fill('Two screws leave today with DHL. Batch 44 was packed short.');
  await vendor.page.getByRole('button', { name: /^Send to/ }).click();
  await vendor.page.getByText('Taken by the SMTP door').waitFor();

  // it arrives live, with a notification and trust in words
  await thread.getByText('Two screws leave today with DHL.').waitFor();
  await thread.getByText('Signed by vendor.test').waitFor();
  await page.getByRole('button', { name: /Notifications/ }).or(page.getByRole('link', { name: /Notifications/ })).first().waitFor();

  // the portal, without JavaScript
  const portal = await newPage(browser, { javaScriptEnabled: false, viewport: { width: 420, height: 900 } });
  await portal.page.goto(portalURL);
  await portal.page.getByRole('heading', { name: 'Hinge screws, batch 44' }).waitFor();
  assert.equal(await portal.page.getByText('Two screws leave today with DHL.').count(), 1);
  assert.equal(await portal.page.getByText('ada@acme.test').count(), 0, 'an agent’s address stands on the portal');
  await picture(portal.page, 'portal', { fullPage: true });
  await portal.page.locator('textarea').first().fill('The packing list is attached.');
  await portal.page.locator('input[type=file]').setInputFiles({ name: 'batch-44.csv', mimeType: 'text/csv', buffer: Buffer.from('batch;screws\n44;4\n') });
  await portal.page.getByRole('button', { name: /Send answer/ }).click();
  await portal.page.getByText('Your answer was sent').first().waitFor();
  await thread.getByText('The packing list is attached.').waitFor();
  await thread.getByText('batch-44.csv').waitFor();

  // the letter's timeline, from the queue to what the vendor did
  const timeline = thread.locator('.deliveries').first();
  await timeline.locator('summary', { hasText: /^answered/ }).click();
  for (const step of [/queued/, /handed to \S+, which said\s*250 /, /answered/]) await timeline.locator('.steps li', { hasText: step }).first().waitFor();
  await picture(page, 'timeline');
  await timeline.locator('summary').click();

  // a follow-up with a file, close, reopen
  const reply = thread.getByRole('textbox').last();
  await reply.fill('Thank you. Please check batch 45 too.');
  await thread.locator('input[type=file]').last().setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64') });
  await thread.getByRole('button', { name: /^Send to/ }).click();
  await thread.getByText('Please check batch 45 too.').first().waitFor();
  await thread.locator('.deliveries > summary', { hasText: /delivered/ }).first().waitFor();
  await page.mouse.move(0, 0);
  await picture(page, 'inbox');
  await thread.getByRole('button', { name: 'Close', exact: true }).click();
  await thread.getByRole('button', { name: 'Reopen' }).click();
  await thread.getByRole('button', { name: 'Close', exact: true }).waitFor();
  await page.getByText('Ada Agent reopened a side conversation').waitFor();
  for (const line of ['Ada Agent started a side conversation with Bob Vendor', 'Ada Agent replied in a side conversation', 'Bob Vendor replied in a side conversation', 'Ada Agent closed a side conversation']) {
    assert.ok(await page.getByText(line).count(), `the activity log lacks: ${line}`);
  }

  assert.equal(await customerThread(page), before, 'the customer’s thread has changed');
  await vendor.page.goto(`${demo.mail}/?box=carla@customer.test`);
  assert.equal(await vendor.page.getByText('Hinge screws').count(), 0, 'the customer got something of it');
  assert.deepEqual([...ada.faults, ...vendor.faults, ...portal.faults], []);
  await Promise.all([ada.close(), vendor.close(), portal.close()]);
});

test('an answer from another address is shown to the team only, with the next step on it', async () => {
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await ada.page.getByText('Greta Lind').first().click();
  await ada.page.getByText('Side conversations', { exact: true }).waitFor();
  const mail = await newPage(browser);
  await mail.page.goto(demo.mail);
  await mail.page.getByRole('link', { name: /^Sam Ortega.*Drawer slide/ }).first().click();
  await mail.page.getByRole('textbox', { name: /Answer as/ }).fill('Please pay to my new account.');
  await mail.page.getByText('Send it another way').click();
  await mail.page.getByText('another address', { exact: false }).first().click();
  await mail.page.getByRole('button', { name: /^Send to/ }).click();
  await mail.page.getByText('Taken by the SMTP door').first().waitFor();
  const thread = ada.page.locator('.rail.outside').filter({ hasText: 'Drawer slide' });
  await thread.getByText('Please pay to my new account.').waitFor();
  await thread.getByText(/Shown to your team only/).waitFor();
  assert.deepEqual(ada.faults, []);
  await Promise.all([ada.close(), mail.close()]);
});

test('a viewer reads and has nothing to write with', async () => {
  const vic = await newPage(browser);
  await signIn(vic.page, demo, 'vic@acme.test');
  await main(vic.page).click();
  await vic.page.getByText('Side conversations', { exact: true }).waitFor();
  assert.equal(await vic.page.locator('textarea').count(), 0);
  assert.equal(await vic.page.getByRole('button', { name: /^New( C)?$/ }).count(), 0);
  assert.deepEqual(vic.faults, []);
  await vic.close();
});

for (const [name, options] of /** @type {[string, any][]} */ ([['inbox-dark', { colorScheme: 'dark' }], ['inbox-narrow', { viewport: { width: 390, height: 844 } }], ['inbox-320', { viewport: { width: 320, height: 640 } }]])) {
  test(`${name}: nothing is lost and nothing scrolls sideways`, async () => {
    const ada = await newPage(browser, options);
    await signIn(ada.page, demo);
    await main(ada.page).click();
    await ada.page.getByText('Side conversations', { exact: true }).waitFor();
    await ada.page.locator('.rail.outside').first().scrollIntoViewIfNeeded();
    const wide = await ada.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `the page is ${wide} px too wide`);
    await picture(ada.page, name);
    assert.deepEqual(ada.faults, []);
    await ada.close();
  });
}
