/** What is said of an error that ended a command: code, message and what to do, and for whoever looks closer where it was thrown. */
import { CommanderError } from 'commander';
import { SentinelError } from '../domain/errors.ts';
import { inWords } from './system-failure.ts';

const MOST_CAUSES = 5;

export interface Described {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Where it was thrown, and where what caused it; an error may be among its own causes. */
export function traceOf(error: unknown, causes = MOST_CAUSES): string {
  if (!(error instanceof Error)) return String(error);
  const because = error.cause === undefined || causes === 0 ? '' : `\ncaused by: ${traceOf(error.cause, causes - 1)}`;
  return `${error.stack}${because}`;
}

/** `label`: the command whose help explains how it is used. */
export function described(error: unknown, label: string): Described {
  if (error instanceof SentinelError && error.code !== 'USAGE') {
    return { code: error.code, message: error.message, remedy: error.remedy };
  }
  if (error instanceof SentinelError || error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return {
      code: 'USAGE',
      message: message === '(outputHelp)' ? 'no command given' : message,
      remedy: `See ${label} --help.`,
    };
  }
  return { code: 'INTERNAL', ...inWords(error) };
}
