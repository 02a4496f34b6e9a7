/** sentinel explain: why a payment, decided or of a file, scores as it does. */
import { join } from 'node:path';
import { scanJournal } from '../../adapters/segments/verify.ts';
import { getMapping } from '../../datasets/mappings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Transaction } from '../../domain/transaction.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { type DecisionRecord } from '../../journal/record.ts';
import { type ModelArtifact } from '../../scoring/artifact.ts';
import { type ExplainedScore, explainScore } from '../../usecases/explain-score.ts';
import { type Command, type CommandInput } from '../command.ts';
import { chainKeyOf, DATA } from '../data-directory.ts';
import { ratesFor } from '../rates.ts';
import { getArtifact, MODEL_OPTION, openRegistry } from '../stored-models.ts';
import { loadTable, OPTIONAL_DATA_OPTIONS } from '../training-data.ts';

interface Explained extends ExplainedScore {
  readonly transactionId: string;
  /** What was decided; absent for a payment of a file. */
  readonly decision?: string;
  /** What fired of the policy, as the decision has it: a list or a rule may have decided, whatever the score. */
  readonly rules?: readonly string[];
  /** Why the fallback decided and not this score; absent when the score did. */
  readonly fallbackCause?: string;
}

interface Found {
  readonly transaction: Transaction;
  readonly vector: Float64Array;
}

/** The payment with its features as they stood at its time, all payments before it being history. */
async function inFile(input: CommandInput, id: string, file: string, artifact: ModelArtifact): Promise<Found> {
  let transaction: Transaction | undefined;
  const mapping = getMapping(input.given.text('mapping'));
  const { table } = await loadTable(input, mapping, [file], artifact.featureSettings, {
    rates: ratesFor(artifact, input.config()),
    keep: (arrival) => {
      if (arrival.transaction.transactionId !== id) return false;
      transaction = arrival.transaction;
      return true;
    },
  });
  if (transaction === undefined) throw new SentinelError('NOT_FOUND', { what: 'Transaction', id });
  return { transaction, vector: Float64Array.from(table.values, (column) => column[0]!) };
}

/** The decision as the journal holds it; takes no lock, so the service may be running. */
async function inJournal(input: CommandInput, id: string): Promise<DecisionRecord> {
  const { dataDir } = input.config();
  let found: DecisionRecord | undefined;
  await scanJournal({
    directory: join(dataDir, DATA.journal),
    key: await chainKeyOf(dataDir),
    onRecord: (record) => {
      if (record.type === 'decision' && record.transaction.transactionId === id) found = record;
    },
    onProblem: ({ file, problem }) => input.say(`${file}: ${problem}`),
  });
  if (found === undefined) throw new SentinelError('NOT_FOUND', { what: 'Transaction', id });
  return found;
}

export const command: Command<Explained> = {
  options: [
    { name: 'id', type: 'text', value: 'TRANSACTION_ID', required: true, sentence: 'The payment.' },
    ...OPTIONAL_DATA_OPTIONS,
    MODEL_OPTION,
  ],
  settings: ['modelsDir', 'dataDir', 'policyFile'],
  example: 'sentinel explain --data data/payments.parquet --id t-0001',
  async run(input) {
    const { given } = input;
    const transactionId = given.text('id');
    const file = given.optionalText('data');
    const decided = file === undefined ? await inJournal(input, transactionId) : undefined;
    const artifact = await getArtifact(openRegistry(input), given.optionalText('model') ?? decided?.versions.model);
    const { transaction, vector } = decided ?? (await inFile(input, transactionId, file!, artifact));
    if (vector === undefined) {
      const problem = `${transactionId} was answered by the fallback (${decided?.fallbackCause}); nothing was scored`;
      throw new SentinelError('USAGE', { problem });
    }
    const catalogue = catalogueFor(artifact.featureSettings);
    if (decided !== undefined && decided.versions.catalogue !== catalogue.hash) {
      const problem = `${transactionId} was scored with the feature catalogue ${decided.versions.catalogue}, ${artifact.version} reads ${catalogue.hash}: name a model of the same catalogue, or the file with --data`;
      throw new SentinelError('USAGE', { problem });
    }
    const explained = explainScore(artifact, catalogue, transaction, vector);
    const { outcome: decision, rules, fallbackCause } = decided ?? {};
    return {
      transactionId,
      ...(decision && { decision }),
      ...(rules && { rules }),
      ...(fallbackCause && { fallbackCause }),
      ...explained,
    };
  },
  render: ({
    transactionId,
    decision,
    rules = [],
    fallbackCause,
    modelVersion,
    probability,
    isExplained,
    ...explained
  }) =>
    [
      ...(fallbackCause === undefined
        ? []
        : [`${transactionId} was answered by the fallback (${fallbackCause}), not by this score`]),
      `${transactionId}${decision === undefined ? '' : ` (${decision})`}: fraud probability ${probability.toFixed(4)} by ${modelVersion}`,
      ...(rules.length === 0 ? [] : [`rules and lists that fired (~ on trial, decides nothing): ${rules.join(', ')}`]),
      ...(isExplained ? sumLines(explained) : ['A foreign runtime runs this model: its scores have no contributions.']),
    ].join('\n'),
};

function sumLines({ margin, baseMargin, contributions }: Pick<Explained, 'margin' | 'baseMargin' | 'contributions'>) {
  return [
    `margin ${margin.toFixed(3)} = ${baseMargin.toFixed(3)} for the average payment, and`,
    ...contributions.map(
      ({ feature, contribution, sentence }) =>
        `  ${(contribution > 0 ? '+' : '') + contribution.toFixed(3)}`.padEnd(10) + `${sentence}  (${feature})`,
    ),
  ];
}
