/** Structured JSON logs on stderr. */
import { destination, type Level, pino } from 'pino';
import { type Log } from '../../ports/log.ts';

/** Writes at once, so that the last words before an end are not lost. */
export function createLog(level: Level | 'silent'): Log {
  return pino({ level, errorKey: 'error', base: null }, destination({ dest: 2, sync: true }));
}
