/** Days and times on the command line. */
import { SentinelError } from '../domain/errors.ts';
import { parseRfc3339 } from '../domain/time.ts';
import { type Given, type Option } from './command.ts';

export const FROM_OPTION: Option = {
  name: 'from',
  type: 'text',
  value: 'TIME',
  sentence: 'Measure payments from this day or time on; those before are history only. (default: all)',
};

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The moment of an option, epoch milliseconds; a day means its beginning in UTC. USAGE when it is neither. */
export function momentOf(given: Given, option: string): number | undefined {
  const text = given.optionalText(option);
  if (text === undefined) return undefined;
  const moment = parseRfc3339(DAY.test(text) ? `${text}T00:00:00Z` : text);
  if (moment !== undefined) return moment;
  const problem = `--${option}: expected a day or an RFC 3339 time, as 2025-01-03 or 2025-01-03T10:00:00Z, got ${JSON.stringify(text)}`;
  throw new SentinelError('USAGE', { problem });
}
