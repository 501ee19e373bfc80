// Brings new letters into the lists as they are caught, without touching the letter that is read or the answer that is written.
let seen = document.body.dataset.version;

async function look() {
  if (document.hidden) return;
  try {
    const version = await (await fetch('/version')).text();
    if (version === seen) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const part of ['.boxes', '.letters']) {
      const old = document.querySelector(part), now = page.querySelector(part);
      if (!old || !now) continue;
      const top = old.scrollTop;
      old.replaceWith(document.adoptNode(now));
      now.scrollTop = top;
    }
    seen = version;
  } catch { /* the demo is stopping; the next look tells */ }
}

setInterval(look, 1000);
document.addEventListener('visibilitychange', look);
