/** Writes every generated page: run it after a change to one of the tables they are made from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { schemaReference } from '../src/adapters/postgres/schema-reference.ts';
import { configurationReference, environmentExample } from '../src/cli/configuration-reference.ts';

const ROOT = join(import.meta.dirname, '..');

/** Path from the root → content. A test keeps each page equal to its source. */
const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/configuration.md': configurationReference,
  'docs/reference/schema.md': schemaReference,
  '.env.example': environmentExample,
};

for (const [path, content] of Object.entries(PAGES)) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), await content());
}
