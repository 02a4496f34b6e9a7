/** Which dead letters a command is about, and how their places are written. */
import { type DeadLetter, type LetterPlace } from '../adapters/kafka/dead-letters.ts';
import { SentinelError } from '../domain/errors.ts';
import { type Given, type Option } from './command.ts';

export const LETTER_FILTERS: readonly Option[] = [
  { name: 'reason', type: 'text', value: 'CODE', sentence: 'Only letters with this reason.' },
  { name: 'topic', type: 'text', value: 'NAME', choices: ['transactions', 'labels'], sentence: 'Only letters from this topic.' },
]; // prettier-ignore

/** Whether a letter passes the filters given. */
export function letterFilter(given: Given, prefix: string): (letter: DeadLetter) => boolean {
  const [reason, topic] = [given.optionalText('reason'), given.optionalText('topic')];
  return ({ reason: found, source }) =>
    (reason === undefined || found === reason) && (topic === undefined || source.topic === prefix + topic);
}

export const placeText = ({ partition, offset }: LetterPlace): string => `${partition}:${offset}`;

/** Throws USAGE. */
export function readPlace(text: string): LetterPlace {
  const [, partition, offset] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (partition === undefined) {
    throw new SentinelError('USAGE', { problem: `expected PARTITION:OFFSET, got ${JSON.stringify(text)}` });
  }
  return { partition: Number(partition), offset: Number(offset) };
}
