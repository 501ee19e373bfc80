// `details` used as menus: a press elsewhere, Escape or a choice inside folds them, as a menu should.

const MENUS = 'details.switch[open], details.menu-of[open], details.deliveries[open]';

/** @param {Element|null} except */
function fold(except) {
  let folded = false;
  for (const d of document.querySelectorAll(MENUS)) {
    if (d === except) continue;
    /** @type {HTMLDetailsElement} */ (d).open = false;
    folded = true;
  }
  return folded;
}

/** @param {Event} e */
const around = (e) => (e.target instanceof Element ? e.target.closest('details') : null);

export function foldMenus() {
  document.addEventListener('pointerdown', (e) => void fold(around(e)));
  document.addEventListener('click', (e) => {
    if (e.target instanceof Element && e.target.closest('.menu button, .menu a')) fold(null);
  });
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape' && fold(null)) e.preventDefault();
  }, { capture: true });
}
