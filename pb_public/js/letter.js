// Our own letter and portal page, shown before they are sent, in a frame that can run nothing. The page's policy
// (style-src 'self') holds inside srcdoc too, and would strip the letter of its looks; styles set through the CSSOM are
// not subject to it. So they travel as data and are put on when the frame has loaded. Never for a stranger's HTML:
// that comes from /body with a policy of its own.

/** @type {{createHTML: (s: string) => any}} */
const trusted = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('aside-letter', {
  createHTML: (/** @type {string} */ s) => s,
}) ?? { createHTML: (s) => s };

/** Styles become data, so that no policy is broken and none is reported. @param {string} page */
export function withStylesAsData(page) {
  return page
    .replace(/<style\b[^>]*>([\s\S]*?)<\/style>/gi, '<template data-sheet>$1</template>')
    .replace(/<(script|link|base|meta\s+http-equiv)\b[^>]*>/gi, (tag) => (keeps(tag) ? tag : ''))
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle=/gi, ' data-style='));
}

/** The portal's own stylesheet is ours to keep. @param {string} tag */
const keeps = (tag) => /^<link\b/i.test(tag) && /rel="?stylesheet/i.test(tag) && /href="?\/[^/]/i.test(tag);

/** @param {HTMLIFrameElement} frame @param {string} page */
export function paint(frame, page) {
  frame.onload = () => dress(frame);
  frame.srcdoc = trusted.createHTML(withStylesAsData(page));
}

/** @param {HTMLIFrameElement} frame */
function dress(frame) {
  const doc = frame.contentDocument;
  const view = frame.contentWindow;
  if (!doc || !view) return;
  const sheets = [...doc.querySelectorAll('template[data-sheet]')].map((t) => {
    const sheet = new /** @type {any} */ (view).CSSStyleSheet();
    sheet.replaceSync(/** @type {HTMLTemplateElement} */ (t).content.textContent ?? '');
    return sheet;
  });
  doc.adoptedStyleSheets = sheets;
  for (const el of doc.querySelectorAll('[data-style]')) {
    /** @type {HTMLElement} */ (el).style.cssText = el.getAttribute('data-style') ?? '';
  }
  if (doc.body) doc.body.inert = true;
}
