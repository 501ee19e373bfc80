// Copies the browser modules named in package-lock.json from node_modules into pb_public/lib/, which is
// git-ignored and embedded by the Go build. Nothing is bundled or rewritten, except that the source map
// line is dropped: the maps are not served, and a browser's tools would ask for them in vain.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'pb_public', 'lib');

/** file in pb_public/lib/ -> file in node_modules; the names are those of the import map in index.html */
const modules = {
  'preact.js': 'preact/dist/preact.mjs',
  'preact-hooks.js': 'preact/hooks/dist/hooks.mjs',
  'htm.js': 'htm/dist/htm.module.js',
  'signals-core.js': '@preact/signals-core/dist/signals-core.module.js',
  'signals.js': '@preact/signals/dist/signals.module.js',
  'pocketbase.js': 'pocketbase/dist/pocketbase.es.mjs',
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const [name, from] of Object.entries(modules)) {
  const text = readFileSync(join(root, 'node_modules', from), 'utf8');
  writeFileSync(join(out, name), text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n'));
}
console.log(`pb_public/lib: ${Object.keys(modules).length} modules`);
