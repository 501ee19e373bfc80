// A running `aside demo` and a browser, for tests that do the job through the pages.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Where Debian and others put Chromium. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Starts the built binary's demo on free ports and waits until it says that it is ready. */
export async function startDemo() {
  const child = spawn('./aside', ['demo', '--http', '127.0.0.1:0', '--mail', '127.0.0.1:0', '--smtp', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const ready = new Promise((resolve, reject) => {
    const listen = (chunk) => {
      out += chunk;
      const inbox = /Inbox\s+(http:\/\/\S+?)\/?\s/.exec(out)?.[1];
      const mail = /Caught mail\s+(http:\/\/\S+?)\/?\s/.exec(out)?.[1];
      const door = /SMTP door\s+(\S+)/.exec(out)?.[1];
      const password = /password\s+(\S+)/.exec(out)?.[1];
      if (inbox && mail && password && door && out.includes('Ctrl-C')) resolve({ inbox, mail, door, password });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${out}`)));
    setTimeout(() => reject(new Error(`the demo is not ready after 60 s:\n${out}`)), 60_000).unref();
  });
  const stop = async () => {
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  try {
    return { ...(await ready), stop };
  } catch (e) {
    child.kill('SIGKILL');
    throw e;
  }
}

/** Headless Chromium that reaches nothing but loopback. */
export async function startBrowser() {
  if (!CHROMIUM) throw new Error('the browser tests need Chromium (Debian: apt-get install chromium)');
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
}

/**
 * A page whose faults are kept: script errors, refusals of the CSP, requests that leave the machine.
 * @param {import('playwright-core').Browser} browser @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', (e) => faults.push(`script: ${e.message}`));
  page.on('console', (m) => m.type() === 'error' && faults.push(`console: ${m.text()}`));
  page.on('request', (r) => {
    const u = new URL(r.url());
    if (/^https?:$/.test(u.protocol) && u.hostname !== '127.0.0.1') faults.push(`left the machine: ${r.url()}`);
  });
  page.setDefaultTimeout(15_000);
  return { page, faults, close: () => context.close() };
}

/** Signs in as somebody of the demo's team. */
export async function signIn(page, demo, email = 'ada@acme.test') {
  await page.goto(`${demo.inbox}/`);
  await page.locator('input[type=email]').fill(email);
  await page.locator('input[type=password]').fill(demo.password);
  await page.keyboard.press('Enter');
  await page.getByText('Priya Raman').first().waitFor();
}
