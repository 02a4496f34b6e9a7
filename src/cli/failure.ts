/** What is said of an error that ended a command: code, message and what to do, and for whoever looks closer where it was thrown. */
import { CommanderError } from 'commander';
import { SentinelError } from '../domain/errors.ts';
import { maskPans } from '../domain/pan.ts';
import { inWords } from './system-failure.ts';

const MOST_CAUSES = 5;

export interface Described {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Where it was thrown, and where what caused it. What they quote of a file may be a card number. */
export const traceOf = (error: unknown): string => maskPans(stacksOf(error, MOST_CAUSES));

/** An error may be among its own causes. */
function stacksOf(error: unknown, causes: number): string {
  if (!(error instanceof Error)) return String(error);
  const because = error.cause === undefined || causes === 0 ? '' : `\ncaused by: ${stacksOf(error.cause, causes - 1)}`;
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
  const { message, remedy } = inWords(error);
  return { code: 'INTERNAL', message: maskPans(message), remedy };
}
