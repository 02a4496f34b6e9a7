/** Structured JSON logs on stderr. */
import { destination, pino } from 'pino';
import { type Log } from '../../ports/log.ts';

/** Writes at once, so that the last words before an end are not lost. */
export function createLog(level: string): Log {
  return pino({ level, errorKey: 'error', base: null }, destination({ dest: 2, sync: true }));
}
