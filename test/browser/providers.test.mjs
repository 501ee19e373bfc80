// Coming in by another company's account: offered once the operator has set it up, on the sign-in page and on an invitation's, and the
// whole round trip through the other company's window.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { newPage, signIn, startBrowser, startDemo } from './demo.mjs';

/** @type {Awaited<ReturnType<typeof startDemo>>} */ let demo;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof startCompany>>} */ let company;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  company = await startCompany();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  company?.server.close();
});

/** The other company: whoever opens its window is signed in there as `who`, and comes back with a code. */
async function startCompany() {
  const state = { who: {} };
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '', 'http://x');
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', 'a-code');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      res.writeHead(302, { location: back.href }).end();
      return;
    }
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(url.pathname === '/token' ? { access_token: 'x', token_type: 'Bearer' } : state.who));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
  return { server, state, url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}` };
}

/** Sets it up as the operator does. */
async function setUp() {
  const send = async (method, path, body, token = '') => {
    const res = await fetch(demo.inbox + path, { method, headers: { 'content-type': 'application/json', authorization: token }, body: JSON.stringify(body) });
    assert.ok(res.ok, `${path}: ${res.status}`);
    return res.json();
  };
  const { token } = await send('POST', '/api/collections/_superusers/auth-with-password', { identity: 'operator@acme.test', password: demo.password });
  await send('PATCH', '/api/collections/users', {
    oauth2: { enabled: true, providers: [{ name: 'oidc', clientId: 'aside', clientSecret: 's', displayName: 'Example Company', authURL: `${company.url}/authorize`, tokenURL: `${company.url}/token`, userInfoURL: `${company.url}/userinfo` }] },
  }, token);
}

const other = (page) => page.getByRole('button', { name: 'Go on with Example Company' });

test('an account of another company opens what its verified address may', async () => {
  const plain = await newPage(browser);
  await plain.page.goto(`${demo.inbox}/`);
  await plain.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await other(plain.page).count(), 0, 'offered, and nobody has set it up');
  await setUp();

  // an invitation, taken up without a password
  const ada = await newPage(browser);
  await signIn(ada.page, demo);
  await ada.page.getByRole('link', { name: 'Project settings' }).click();
  await ada.page.getByLabel('Email of a colleague').fill('nina@example.test');
  await ada.page.getByRole('button', { name: 'Invite', exact: true }).click();
  await ada.page.getByText('nina@example.test').first().waitFor();
  const mail = await newPage(browser);
  await mail.page.goto(demo.mail);
  await mail.page.getByRole('link', { name: /on Aside/ }).first().click();
  const link = await mail.page.frameLocator('iframe[title="The letter"]').locator('a[href*="/app/invite/"]').first().getAttribute('href');

  const nina = await newPage(browser);
  company.state.who = { sub: 'e1', name: 'Eve', email: 'eve@evil.test', email_verified: true };
  await nina.page.goto(link ?? '');
  await other(nina.page).click();
  await nina.page.getByText('This invitation is for nina@example.test').waitFor();
  mkdirSync('test/browser/out', { recursive: true });
  await nina.page.screenshot({ path: 'test/browser/out/invite-provider.png' });
  company.state.who = { sub: 'n1', name: 'Nina New', email: 'nina@example.test', email_verified: true };
  await other(nina.page).click();
  await nina.page.getByText('Priya Raman').first().waitFor();
  await nina.close();

  // and again, from the sign-in page
  const again = await newPage(browser, { colorScheme: 'dark', viewport: { width: 420, height: 800 } });
  await again.page.goto(`${demo.inbox}/`);
  await other(again.page).waitFor();
  await again.page.screenshot({ path: 'test/browser/out/sign-in-provider.png' });
  await other(again.page).click();
  await again.page.getByText('Priya Raman').first().waitFor();
  assert.deepEqual(again.faults, []);
  assert.deepEqual(ada.faults, []);
});
