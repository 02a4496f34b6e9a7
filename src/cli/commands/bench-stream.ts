/** sentinel bench stream: payments in through Kafka, decisions out, on the servers configured. */
import { benchStream, type StreamReport } from '../../../bench/stream.ts';
import { SentinelError } from '../../domain/errors.ts';
import { KAFKA_SETTING_NAMES } from '../../kafka-settings.ts';
import { REDIS_SETTING_NAMES, redisUrlOf } from '../../redis-settings.ts';
import { type Command } from '../command.ts';
import { usersOption } from '../common-options.ts';
import { requireCluster } from '../kafka-cluster.ts';
import { makeServingModel } from '../make-serving-model.ts';
import { renderStreamReport } from '../render-stream-report.ts';
import { withScratch } from '../scratch.ts';

function numbersOf(name: string, text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isFinite(number) && number > 0)) return numbers;
  throw new SentinelError('USAGE', { problem: `--${name}: expected numbers separated by commas, got ${text}` });
}

export const command: Command<StreamReport> = {
  options: [
    { name: 'rates', type: 'text', value: 'N,N', default: '2000,5000', sentence: 'Payments a second, a run each; then as many as can be decided.' },
    { name: 'seconds', type: 'number', value: 'N', default: 60, minimum: 1, maximum: 3_600, sentence: 'Length of each run.' },
    { name: 'workers', type: 'text', value: 'N,N', default: '1,2', sentence: 'Worker processes, all runs for each number.' },
    { name: 'delivery', type: 'text', value: 'KIND', default: 'both', choices: ['exactly-once', 'at-least-once', 'both'], sentence: 'With transactions, without, or one after the other.' },
    usersOption(20_000),
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs', ...KAFKA_SETTING_NAMES, ...REDIS_SETTING_NAMES],
  example: 'sentinel bench stream --json --kafka-brokers localhost:9092 --redis-host localhost',
  async run(input) {
    const { given, say, signal } = input;
    const config = input.config();
    const cluster = requireCluster(config);
    const redisUrl = redisUrlOf(config);
    if (redisUrl === undefined) throw new SentinelError('CONFIG_INVALID', { problems: 'no Redis: set REDIS_URL or REDIS_HOST' });
    const kind = given.text('delivery');
    const [rates, workers] = [numbersOf('rates', given.text('rates')), numbersOf('workers', given.text('workers'))];
    return await withScratch('bench', async (dataDir) => {
      const modelsDir = await makeServingModel(input, { ...config, dataDir });
      const { prefix: _, partitions, groupId: __, ...servers } = cluster;
      return await benchStream({
        cluster: servers,
        partitions,
        redisUrl,
        dataDir,
        modelsDir,
        rates,
        workers,
        deliveries: (['exactly-once', 'at-least-once'] as const).filter((each) => kind === 'both' || kind === each),
        seconds: given.number('seconds'),
        users: given.number('users'),
        onProgress: say,
        signal,
      });
    });
  },
  hasFailed: ({ runs }) => runs.some(({ paymentsPerSecond, lost }) => !(paymentsPerSecond > 0) || lost > 0),
  render: renderStreamReport,
}; // prettier-ignore
