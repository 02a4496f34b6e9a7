/** sentinel dlq: the messages that could not be handled. */
import { readDeadLetters } from '../../adapters/kafka/dead-letters.ts';
import { maskPans } from '../../domain/pan.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { type Command } from '../command.ts';
import { LETTER_FILTERS, letterFilter, placeText, readPlace } from '../dead-letter-choice.ts';
import { CLUSTER_SETTINGS, requireCluster } from '../kafka-cluster.ts';

interface ListedLetter {
  /** PARTITION:OFFSET among the dead letters. */
  readonly place: string;
  readonly reason: string;
  readonly error: string;
  readonly source: string;
  readonly sentAt: string;
  readonly replayed: boolean;
  /** As text, card numbers masked. */
  readonly value: string;
}

interface Listed {
  readonly letters: readonly ListedLetter[];
  /** What to give as --after for the next page; null at the end. */
  readonly next: string | null;
}

const SHOWN_CHARACTERS = 120;

const hexOf = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** On one line, and nothing that a terminal obeys: whoever may write to the topic could else write over the list. */
const plain = (text: string): string => text.replace(/\s+/gu, ' ').replace(/\p{Cc}|\p{Cf}/gu, hexOf);

function shown(value: string): string {
  const text = plain(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

export const command: Command<Listed> = {
  options: [
    ...LETTER_FILTERS,
    { name: 'all', type: 'flag', sentence: 'Those sent again, too.' },
    { name: 'after', type: 'text', value: 'PLACE', sentence: 'Begin behind this place: what the page before ended with.' },
    { name: 'limit', type: 'whole number', value: 'N', default: 20, minimum: 1, maximum: 10_000, sentence: 'Letters a page.' },
  ], // prettier-ignore
  settings: CLUSTER_SETTINGS,
  example: 'sentinel dlq --kafka-brokers localhost:9092 --reason INVALID_REQUEST',
  async run({ given, config, signal }) {
    const cluster = requireCluster(config());
    const after = given.optionalText('after');
    const limit = given.number('limit');
    const passes = letterFilter(given, cluster.prefix);
    const letters: ListedLetter[] = [];
    for await (const letter of readDeadLetters(cluster, after === undefined ? undefined : readPlace(after))) {
      signal.throwIfAborted();
      if (!passes(letter) || (letter.isReplayed && !given.flag('all'))) continue;
      if (letters.length === limit) return { letters, next: letters.at(-1)!.place };
      const { reason, error, source, timestampMs, isReplayed, value } = letter;
      letters.push({
        place: placeText(letter),
        reason,
        error,
        source: `${source.topic} ${placeText(source)}`,
        sentAt: formatRfc3339(timestampMs),
        replayed: isReplayed,
        value: maskPans(Buffer.from(value).toString()),
      });
    }
    return { letters, next: null };
  },
  render({ letters, next }) {
    if (letters.length === 0) return 'No dead letters.';
    const lines = letters.flatMap(({ place, reason, error, source, sentAt, replayed, value }) => [
      `${place}  ${sentAt}  ${plain(reason)}  from ${plain(source)}${replayed ? '  (sent again)' : ''}`,
      `    ${plain(error)}`,
      `    ${shown(value)}`,
    ]);
    return [...lines, ...(next === null ? [] : [`More: --after ${next}`])].join('\n');
  },
};
