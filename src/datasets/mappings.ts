/** The table of known data sets. */
import { SentinelError } from '../domain/errors.ts';
import { type DatasetMapping } from './mapping.ts';
import { BANKSIM_MAPPING } from './mappings/banksim.ts';
import { DEMONSTRATION_MAPPING } from './mappings/demonstration.ts';
import { HANDBOOK_MAPPING } from './mappings/handbook.ts';
import { IEEE_CIS_MAPPING } from './mappings/ieee-cis.ts';
import { PAYSIM_MAPPING } from './mappings/paysim.ts';
import { SENTINEL_MAPPING } from './mappings/sentinel.ts';
import { SPARKOV_MAPPING } from './mappings/sparkov.ts';
import { ULB_MAPPING } from './mappings/ulb.ts';

export const MAPPINGS: readonly DatasetMapping[] = [
  SENTINEL_MAPPING,
  HANDBOOK_MAPPING,
  IEEE_CIS_MAPPING,
  ULB_MAPPING,
  SPARKOV_MAPPING,
  PAYSIM_MAPPING,
  BANKSIM_MAPPING,
  DEMONSTRATION_MAPPING,
];

/** The mapping of that name; USAGE listing the known ones otherwise. */
export function getMapping(name: string): DatasetMapping {
  const found = MAPPINGS.find((mapping) => mapping.name === name);
  if (found !== undefined) return found;
  const known = MAPPINGS.map((mapping) => mapping.name).join(', ');
  throw new SentinelError('USAGE', { problem: `No mapping is called ${name}; known are ${known}` });
}
