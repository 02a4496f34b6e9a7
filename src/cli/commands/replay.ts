/** sentinel replay: a data set streamed in order of time to a service, to Kafka, or through features and score in this process. */
import { setTimeout as pause } from 'node:timers/promises';
import { createTransactionSource } from '../../adapters/duckdb/transaction-source.ts';
import { productionArtifact } from '../../compose/inputs.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { type ReplayEvent, replayOrderOfBatches } from '../../datasets/replay-order.ts';
import { requireRows } from '../../datasets/require-rows.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type RateTable } from '../../domain/money.ts';
import { type Command, type CommandInput } from '../command.ts';
import { KAFKA_SETTING_NAMES } from '../../kafka-settings.ts';
import { cleaningNotice } from '../render-cleaning.ts';
import { ratesFor } from '../rates.ts';
import { DEFAULT_RATE, paceOf } from '../replay-pace.ts';
import { replayInProcess } from '../replay-in-process.ts';
import { replayToKafka } from '../replay-to-kafka.ts';
import { replayToService } from '../replay-to-service.ts';
import { createServiceClient } from '../service-client.ts';
import { openRegistry } from '../stored-models.ts';

interface Replayed {
  readonly to: string;
  readonly payments: number;
  readonly labels: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly refused?: number;
  readonly firstRefusal?: string;
  readonly labelsSkipped?: number;
  readonly frauds?: number;
  readonly caught?: number;
  /** To Kafka: how far the sender was behind its schedule at the end, milliseconds. */
  readonly lateMs?: number;
}

/** Calls `send` with the file's events in order; the total drives the progress bar. `rates` where amounts need one. */
async function withEvents<R>(
  { given, progress, say }: CommandInput,
  send: (events: AsyncIterable<readonly ReplayEvent[]>, onPayments: (count: number) => void) => Promise<R>,
  rates?: RateTable,
): Promise<R> {
  const mapping = getMapping(given.text('mapping'));
  const opened = await createTransactionSource().open(mapping, [given.text('data')], rates);
  const bar = progress('replay', opened.rows, 'payments');
  try {
    const result = await send(replayOrderOfBatches(opened.read(), mapping.labelDelayMs), bar.update);
    requireRows(opened.report(), [given.text('data')]);
    bar.finish();
    cleaningNotice(opened.report()).forEach(say);
    return result;
  } finally {
    opened.close();
  }
}

export const command: Command<Replayed> = {
  options: [
    { name: 'data', type: 'text', value: 'FILE', sentence: 'CSV or Parquet file of payments. (default, to Kafka: simulated payments)' },
    { name: 'mapping', type: 'text', value: 'NAME', default: 'sentinel', sentence: 'How the file is to be read; see sentinel datasets.' },
    { name: 'rate', type: 'number', value: 'N', minimum: 0.01, maximum: 100_000, sentence: `Payments a second; labels follow after their delay, shortened as the time between payments is. (default: ${DEFAULT_RATE})` },
    { name: 'flat-out', type: 'flag', sentence: 'As fast as they are answered.' },
    { name: 'to', type: 'text', value: 'URL', sentence: 'The service, or kafka: the topics of the cluster configured. (default: SENTINEL_URL, else the one on this machine)' },
    { name: 'speed-up', type: 'number', value: 'N', minimum: 0.001, maximum: 1e9, sentence: 'To Kafka: at the payments’ own times, so many times faster, instead of a rate.' },
    { name: 'loop', type: 'flag', sentence: 'To Kafka: begin again at the end, under new ids, until Ctrl-C.' },
    { name: 'keep-times', type: 'flag', sentence: 'Send the recorded times; without, a payment happens when it is sent.' },
    { name: 'in-process', type: 'flag', sentence: 'Through features and score in this process, flat out, nothing recorded.' },
  ], // prettier-ignore
  settings: ['host', 'port', 'tlsCertFile', 'apiKey', 'modelsDir', 'policyFile', ...KAFKA_SETTING_NAMES],
  example: 'sentinel replay --data data/payments.parquet --rate 500',
  async run(input) {
    const { given, config, signal } = input;
    const started = performance.now();
    const settings = config();
    const done = <C extends { readonly payments: number }>(to: string, counts: C) => {
      const seconds = (performance.now() - started) / 1_000;
      return { to, seconds, perSecond: counts.payments / seconds, ...counts };
    };
    const to = given.optionalText('to');
    if (to !== undefined && to !== 'kafka' && !(/^https?:/i.test(to) && URL.canParse(to))) throw new SentinelError('USAGE', { problem: `--to: expected an http(s) address or kafka, got ${to}` });
    if (to !== undefined && given.flag('in-process')) throw new SentinelError('USAGE', { problem: 'give one of --to and --in-process' });
    const pace = paceOf(given);
    if (to === 'kafka') return done(to, await replayToKafka(input, pace));
    if (given.flag('loop') || given.optionalNumber('speed-up') !== undefined) throw new SentinelError('USAGE', { problem: '--loop and --speed-up go with --to kafka' });
    if (given.optionalText('data') === undefined) throw new SentinelError('USAGE', { problem: '--data is needed, except with --to kafka' });
    if (given.flag('in-process')) {
      const artifact = await productionArtifact(openRegistry(input));
      const rates = ratesFor(artifact, settings);
      return done('this process', await withEvents(input, (events, onPayments) => replayInProcess(events, { artifact, rates, onPayments, signal }), rates));
    }
    const client = createServiceClient({ ...settings, serviceUrl: to ?? settings.serviceUrl });
    const counts = await withEvents(input, (events, onPayments) =>
      replayToService(events, {
        client,
        ...('perSecond' in pace && pace.perSecond < Infinity && { ratePerSecond: pace.perSecond }),
        nowMs: () => performance.now(),
        pause: (ms, stop) => pause(ms, undefined, { signal: stop }),
        onPayments,
        signal,
        keepTimes: given.flag('keep-times'),
      }),
    );
    return done(client.url, counts);
  },
  hasFailed: ({ refused = 0, payments }) => payments > 0 && refused === payments,
  render: ({ to, payments, labels, seconds, perSecond, frauds, caught, refused = 0, firstRefusal, labelsSkipped = 0 }) =>
    [
      `${payments} payments and ${labels} labels to ${to} in ${seconds.toFixed(1)} s: ${perSecond.toFixed(0)}/s`,
      ...(frauds === undefined ? [] : [`${caught} of ${frauds} frauds not approved, according to the file`]),
      ...(refused > 0 ? [`${refused} refused; the first: ${firstRefusal}`] : []),
      ...(labelsSkipped > 0 ? [`${labelsSkipped} labels of refused payments not sent`] : []),
    ].join('\n'),
}; // prettier-ignore
