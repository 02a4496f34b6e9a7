/** Every generated page, by its path from the root. */
import { schemaReference } from '../../src/adapters/postgres/schema-reference.ts';
import { apiReference } from '../../src/http/api-reference.ts';
import { adrIndex } from './adr-index.ts';
import { capacityPage } from './capacity.ts';
import { commandLineReference } from './command-line.ts';
import { configurationReference, environmentExample } from './configuration.ts';
import { errorsReference } from './errors.ts';
import { featuresReference } from './features.ts';
import { PICTURES } from './pictures.ts';
import { pipelineReference } from './pipeline.ts';
import { rulesReference } from './rules.ts';

export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  '.env.example': environmentExample,
  'docs/adr/README.md': adrIndex,
  'docs/explanation/capacity.md': capacityPage,
  'docs/reference/api.md': apiReference,
  'docs/reference/cli.md': commandLineReference,
  'docs/reference/configuration.md': configurationReference,
  'docs/reference/errors.md': errorsReference,
  'docs/reference/features.md': featuresReference,
  'docs/reference/pipeline.md': pipelineReference,
  'docs/reference/rules.md': rulesReference,
  'docs/reference/schema.md': schemaReference,
  ...PICTURES,
};
