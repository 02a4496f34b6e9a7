/** Writes every generated page: run it after a change to one of the tables they are made from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configurationReference, environmentExample } from '../src/cli/configuration-reference.ts';
import { adrIndex } from './adr-index.ts';

const ROOT = join(import.meta.dirname, '..');

/** Path from the root → content. A test keeps each page equal to its source. */
const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/configuration.md': configurationReference,
  '.env.example': environmentExample,
  'docs/adr/README.md': adrIndex,
};

for (const [path, content] of Object.entries(PAGES)) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), content());
}
