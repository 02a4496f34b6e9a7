/** sentinel bench replay: payments a second through features and score, and bytes an entity. */
import { benchReplay, type ReplayRun } from '../../../bench/replay.ts';
import { SENTINEL_MAPPING } from '../../datasets/mappings/sentinel.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { MOST_USERS } from '../common-options.ts';
import { getArtifact, MODEL_OPTION, openRegistry } from '../stored-models.ts';
import { settingsOf } from '../training-data.ts';
import { whileComputing } from '../while-computing.ts';

interface ReplayReport {
  readonly node: string;
  readonly modelVersion: string | null;
  readonly runs: readonly ReplayRun[];
}

function numbersOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const users = Number(word);
    if (Number.isInteger(users) && users > 0 && users <= MOST_USERS) return users;
    throw new SentinelError('USAGE', {
      problem: `--users: expected whole numbers from 1 to ${MOST_USERS}, got ${word}`,
    });
  });
}

export const command: Command<ReplayReport> = {
  options: [
    { name: 'users', type: 'text', value: 'N,…', default: '10000', sentence: 'People who pay; one run for each number.' },
    { name: 'payments-per-user', type: 'number', value: 'N', default: 5, minimum: 0.1, maximum: 1_000, sentence: 'Payments of each on average.' },
    MODEL_OPTION,
  ], // prettier-ignore
  settings: ['modelsDir'],
  example: 'sentinel bench replay --users 100000,1000000',
  async run(input) {
    const { given, say } = input;
    const sizes = numbersOf(given.text('users')).map((users) => {
      return { users, payments: Math.ceil(users * given.number('payments-per-user')) };
    });
    const registry = openRegistry(input);
    const version = given.optionalText('model') ?? (await registry.production());
    const artifact = version === undefined ? undefined : await getArtifact(registry, version);
    const settings = artifact?.featureSettings ?? settingsOf(SENTINEL_MAPPING);
    const runs = whileComputing(() => benchReplay(settings, artifact, sizes, say));
    return { node: process.version, modelVersion: version ?? null, runs };
  },
  render: ({ modelVersion, runs }) =>
    [
      `Model: ${modelVersion ?? 'none, features only'}`,
      ...runs.map(({ users, payments, entities, bytesPerEntity, ...rates }) =>
        [
          `${users} users, ${payments} payments: features ${rates.featuresPerSecond.toFixed(0)}/s`,
          `with score ${rates.scoredPerSecond?.toFixed(0) ?? '–'}/s`,
          `with score and contributions ${rates.explainedPerSecond?.toFixed(0) ?? '–'}/s`,
          `${entities} entities of ${bytesPerEntity.toFixed(0)} bytes`,
        ].join(', '),
      ),
    ].join('\n'),
};
