/** Writes every generated page: run it after a change to one of the tables they are made from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAGES } from './pages/pages.ts';

const ROOT = join(import.meta.dirname, '..');

for (const [path, content] of Object.entries(PAGES)) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), await content());
}
