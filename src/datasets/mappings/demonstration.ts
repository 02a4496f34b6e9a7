/** The payments that the first model of a fresh installation learns from: the own format, in time lapse. */
import { DEMONSTRATION_SPEED } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';
import { SENTINEL_MAPPING } from './sentinel.ts';

export const DEMONSTRATION_MAPPING: DatasetMapping = {
  ...SENTINEL_MAPPING,
  name: 'demonstration',
  summary:
    'Sentinel’s own format with an hour of life in each second, as the simulated payments of sentinel up have it',
  origin: 'sentinel up, at its first start',
  labelDelayMs: SENTINEL_MAPPING.labelDelayMs / DEMONSTRATION_SPEED,
};
