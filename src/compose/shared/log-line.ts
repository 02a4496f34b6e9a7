/** A log whose lines go to another thread, errors included, to be written there. */
import { type Failure, errorOf, failureOf } from '../../adapters/system/failure.ts';
import { type Log } from '../../ports/log.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly failure?: Failure;
  readonly message: string;
}

export function logTo(send: (line: LogLine) => void): Log {
  const at =
    (level: keyof Log): Log[keyof Log] =>
    ({ error, ...fields }, message) =>
      send({ level, fields, message, ...(error !== undefined && { failure: failureOf(error) }) });
  return { error: at('error'), warn: at('warn'), info: at('info') };
}

export function writeLine(log: Log, { level, fields, failure, message }: LogLine): void {
  log[level]({ ...fields, ...(failure && { error: errorOf(failure) }) }, message);
}
