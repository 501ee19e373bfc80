// The letters as strangers' programs show them: Chromium in light and dark, wide and narrow; two renderers with no code in common
// with it (WeasyPrint, which has no script engine, and wkhtmltoimage, a WebKit as old as the programs in offices); and w3m, a page of
// text. Pictures are left in test/browser/out/letters to be looked at. A renderer that is not installed is skipped by its name.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startBrowser } from './demo.mjs';

const OUT = 'test/browser/out/letters';
const samples = mkdtempSync(join(tmpdir(), 'aside-letters-'));
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string[]} */ let letters;

before(async () => {
  mkdirSync(OUT, { recursive: true });
  execFileSync('go', ['test', '-count=1', '-run', 'TestRenderForLooking', './templates'], { env: { ...process.env, ASIDE_RENDER: samples } });
  letters = readdirSync(samples).filter((f) => /^mail-.*\.html$/.test(f)).map((f) => f.replace('.html', ''));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(samples, { recursive: true });
});

const file = (/** @type {string} */ name, kind = 'html') => join(samples, `${name}.${kind}`);
const has = (/** @type {string} */ program) => spawnSync('which', [program]).status === 0;

/** What each letter must show, whoever shows it: its first words, and its button or how to answer. @type {Record<string, RegExp[]>} */
const WORDS = {
  'mail-side': [/Ada .*Acme Hardware.* writes to you|Ada/, /send two M4×12 to us today/, /Also on this conversation: Carl/, /Feedback #128/, /View conversation/],
  'mail-followup': [/When does the corrected batch leave/, /Bob wrote/, /Two screws leave today/],
  'mail-customer': [/two screws are on their way/, /answers your message #128/],
  'mail-replied': [/Bob Vendor replied in a side conversation/, /Signed by vendor\.com/, /Open the item/],
  'mail-failed': [/could not be delivered/, /User unknown/],
  'mail-held': [/is held/, /Not signed by vendor\.com/, /Look at the held mail/],
  'mail-invitation': [/Ada Agent/, /works once/],
  'mail-frame': [/Here is your code/, /482 913/, /Open the inbox/],
};

/** Every text with too little contrast against what is behind it: 4.5, or 3 for large ones (WCAG 2.2, 1.4.3). Runs in the page. */
function faint() {
  const number = (/** @type {string} */ c) => (c.match(/[\d.]+/g) ?? []).map(Number);
  const over = (/** @type {number[]} */ top, /** @type {number[]} */ under, alpha = 1) => [0, 1, 2].map((i) => top[i] * (top[3] ?? 1) * alpha + under[i] * (1 - (top[3] ?? 1) * alpha));
  const light = (/** @type {number[]} */ c) => c.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  /** @param {Element} e */
  const behind = (e) => {
    for (let p = /** @type {Element|null} */ (e); p; p = p.parentElement) {
      const c = number(getComputedStyle(p).backgroundColor);
      if (c.length && (c[3] ?? 1) > 0) return c;
    }
    return dark ? [18, 18, 18] : [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!e || !n.textContent?.trim()) continue;
    let alpha = 1;
    for (let p = /** @type {Element|null} */ (e); p; p = p.parentElement) alpha *= Number(getComputedStyle(p).opacity);
    const style = getComputedStyle(e);
    const under = behind(e);
    const [a, b] = [light(over(number(style.color), under, alpha)), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${n.textContent.trim().slice(0, 40)}`);
  }
  return found;
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const width of [800, 360]) {
    test(`Chromium, ${colorScheme}, ${width} px: whole, legible, and nothing is asked for`, async () => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 700 } });
      const page = await context.newPage();
      /** @type {string[]} */
      const asked = [];
      page.on('request', (r) => r.url().startsWith('file:') || asked.push(r.url()));
      for (const name of letters) {
        await page.goto(pathToFileURL(file(name)).href);
        const text = await page.innerText('body');
        for (const words of WORDS[name] ?? []) assert.match(text.replace(/\s+/g, ' '), words, name);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than ${width} px`);
        assert.deepEqual(await page.evaluate(faint), [], `${name} is hard to read`);
        await page.screenshot({ path: `${OUT}/${name}-chromium-${colorScheme}-${width}.png`, fullPage: true });
      }
      assert.deepEqual(asked, []);
      await context.close();
    });
  }
}

test('WeasyPrint shows the same words', (t) => {
  if (!has('weasyprint') || !has('pdftoppm')) return t.skip('needs weasyprint and pdftoppm (Debian: weasyprint, poppler-utils)');
  for (const name of letters) {
    const pdf = join(samples, `${name}.pdf`);
    // Debian's crashes now and then when its process ends, the document written: the document is what is judged
    const made = spawnSync('weasyprint', ['-q', file(name), pdf], { timeout: 60_000 });
    assert.ok(existsSync(pdf) && readFileSync(pdf, 'latin1').trimEnd().endsWith('%%EOF'), `${name}: ${made.signal ?? ''} ${made.stderr}`);
    execFileSync('pdftoppm', ['-r', '80', '-png', '-f', '1', '-l', '1', pdf, `${OUT}/${name}-weasyprint`]);
    const text = execFileSync('pdftotext', ['-layout', pdf, '-']).toString().replace(/\s+/g, ' ');
    for (const words of WORDS[name] ?? []) assert.match(text, words, name);
  }
});

test('wkhtmltoimage draws every letter', (t) => {
  if (!has('wkhtmltoimage')) return t.skip('needs wkhtmltoimage (Debian: wkhtmltopdf)');
  for (const name of letters) {
    const picture = `${OUT}/${name}-wkhtmltoimage.png`;
    const made = spawnSync('wkhtmltoimage', ['-q', '--width', '600', '--disable-javascript', file(name), picture], { env: { ...process.env, QT_QPA_PLATFORM: 'offscreen' }, timeout: 30_000 });
    assert.equal(made.status, 0, `${name}: ${made.stderr}`);
    assert.ok(existsSync(picture), name);
  }
});

test('w3m reads every letter, and the text part says the same', (t) => {
  if (!has('w3m')) return t.skip('needs w3m');
  for (const name of letters) {
    const html = execFileSync('w3m', ['-dump', '-cols', '78', file(name)]).toString();
    const plain = readFileSync(file(name, 'txt'), 'utf8');
    for (const words of WORDS[name] ?? []) {
      assert.match(html.replace(/\s+/g, ' '), words, `${name} in w3m`);
      if (!/View|Open the|Look at/.test(words.source)) assert.match(plain.replace(/^> ?/gm, '').replace(/\s+/g, ' '), words, `${name}, text part`);
    }
  }
});
