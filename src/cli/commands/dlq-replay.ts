/** sentinel dlq replay: dead letters sent to their topics again. */
import { replayDeadLetters } from '../../adapters/kafka/replay-dead-letters.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { LETTER_FILTERS, letterFilter, placeText, readPlace } from '../dead-letter-choice.ts';
import { CLUSTER_SETTINGS, requireCluster } from '../kafka-cluster.ts';

interface Replayed {
  readonly sent: number;
  /** Places given at which no letter was found that passes the filters. */
  readonly notFound?: readonly string[];
}

export const command: Command<Replayed> = {
  arguments: [{ name: 'places', required: false, many: true, sentence: 'PARTITION:OFFSET of each, as sentinel dlq lists them.' }],
  options: [{ name: 'all', type: 'flag', sentence: 'All that pass the filters.' }, ...LETTER_FILTERS],
  settings: CLUSTER_SETTINGS,
  example: 'sentinel dlq replay 0:17 --kafka-brokers localhost:9092',
  async run({ given, config }) {
    const places = new Set(given.texts('places').map((text) => placeText(readPlace(text))));
    if ((places.size > 0) === given.flag('all')) {
      throw new SentinelError('USAGE', { problem: 'give the places of letters, or --all' });
    }
    const cluster = requireCluster(config());
    const passes = letterFilter(given, cluster.prefix);
    const notFound = new Set(places);
    const sent = await replayDeadLetters(cluster, (letter) => {
      const isChosen = passes(letter) && (given.flag('all') || places.has(placeText(letter)));
      if (isChosen) notFound.delete(placeText(letter));
      return isChosen;
    });
    return { sent, ...(notFound.size > 0 && { notFound: [...notFound] }) };
  },
  hasFailed: ({ notFound }) => notFound !== undefined,
  render: ({ sent, notFound }) =>
    [
      `${sent} sent again; those sent before are left alone`,
      ...(notFound === undefined ? [] : [`No letter that fits at ${notFound.join(', ')}`]),
    ].join('\n'),
}; // prettier-ignore
