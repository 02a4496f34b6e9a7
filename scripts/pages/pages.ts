/** Every generated page, by its path from the root. */
import { adrIndex } from './adr-index.ts';
import { commandLineReference } from './command-line.ts';
import { configurationReference, environmentExample } from './configuration.ts';
import { errorsReference } from './errors.ts';
import { rulesReference } from './rules.ts';

export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  '.env.example': environmentExample,
  'docs/adr/README.md': adrIndex,
  'docs/reference/cli.md': commandLineReference,
  'docs/reference/configuration.md': configurationReference,
  'docs/reference/errors.md': errorsReference,
  'docs/reference/rules.md': rulesReference,
};
