/** sentinel ab: two models or policies on one history, as if its users had been split between them. */
import { isDeepStrictEqual } from 'node:util';
import { hashRequest } from '../../access/pan-token.ts';
import { readPolicyFile } from '../../compose/inputs.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type RateTable } from '../../domain/money.ts';
import { type Arm } from '../../experiments/assignment.ts';
import { ABTestSimulation } from '../../experiments/ab-test-simulation.ts';
import { type ModelCard } from '../../training/model-card/card.ts';
import { policyOf, requireCurrency } from '../../usecases/load-champion.ts';
import { type ArmChoice, OUTCOME_THRESHOLDS } from '../../usecases/simulate-experiment.ts';
import { type Command, type CommandInput } from '../command.ts';
import { seedOption } from '../common-options.ts';
import { historyInFile, historyInJournal } from '../experiment-history.ts';
import { FROM_OPTION, momentOf } from '../moments.ts';
import { renderExperiment, type SimulatedExperiment } from '../render-experiment.ts';
import { getArtifact, getCard, openRegistry } from '../stored-models.ts';
import { OPTIONAL_DATA_OPTIONS } from '../training-data.ts';
import { whileComputing } from '../while-computing.ts';

interface Chosen extends ArmChoice {
  readonly card: ModelCard;
}

/** The model named, decided with by the policy named for it, else by the champion’s or the configured one, else by its own thresholds. */
async function armFor(input: CommandInput, arm: Arm, version?: string): Promise<Chosen> {
  const { given, config } = input;
  const registry = openRegistry(input);
  const artifact = await getArtifact(registry, version, `--${arm}`);
  const policyFile =
    given.optionalText(`${arm}-policy`) ?? given.optionalText('champion-policy') ?? config().policyFile;
  const policy = readPolicyFile({ policyFile }, artifact.thresholds) ?? policyOf(artifact, hashRequest);
  requireCurrency(artifact, policy.rates);
  return { artifact, policy, card: await getCard(registry, artifact.version) };
}

async function armsOf(input: CommandInput): Promise<Readonly<Record<Arm, Chosen>>> {
  const { given } = input;
  const [version, policy] = [given.optionalText('challenger'), given.optionalText('challenger-policy')];
  if (version === undefined && policy === undefined) {
    throw new SentinelError('USAGE', { problem: 'name a model with --challenger, or a policy with --challenger-policy' }); // prettier-ignore
  }
  const champion = await armFor(input, 'champion', given.optionalText('champion'));
  const challenger = await armFor(input, 'challenger', version ?? champion.artifact.version);
  requireOneScale(input, champion.policy.rates, challenger.policy.rates);
  return { champion, challenger };
}

/** POLICY_INVALID where the arms reckon in two currencies: one of the models would see amounts on the wrong scale. */
function requireOneScale({ given, say }: CommandInput, champion: RateTable, challenger: RateTable): void {
  if (champion.base !== challenger.base) {
    const problem = `${challenger.base} for the challenger, ${champion.base} for the champion: an experiment is reckoned in one currency`;
    throw new SentinelError('POLICY_INVALID', { place: 'base_currency', problem });
  }
  if (given.optionalText('data') === undefined || isDeepStrictEqual(champion.rates, challenger.rates)) return;
  say('Amounts are converted by the rates of the champion’s policy in both arms; those of the challenger’s differ.');
}

export const command: Command<SimulatedExperiment> = {
  options: [
    { name: 'champion', type: 'text', value: 'VERSION', sentence: 'The model to beat, whose label delay holds for both arms. (default: the one in production)' },
    { name: 'challenger', type: 'text', value: 'VERSION', sentence: 'The model to try. (default: the champion’s, under another policy)' },
    { name: 'champion-policy', type: 'text', value: 'FILE', sentence: 'Its policy, whose costs and rates hold for both arms. (default: the configured one, else the thresholds of its model)' },
    { name: 'challenger-policy', type: 'text', value: 'FILE', sentence: 'Its policy. (default: the champion’s file, else the thresholds of its own model)' },
    ...OPTIONAL_DATA_OPTIONS,
    { ...FROM_OPTION, sentence: 'Measure payments from this day or time on; those before are history only. (default: all, or what both models were tested on when they learned from the file)' },
    { name: 'share', type: 'number', value: 'SHARE', default: 0.5, minimum: 0.01, maximum: 0.99, sentence: 'Share of users who get the challenger.' },
    { name: 'name', type: 'text', value: 'TEXT', default: 'ab', sentence: 'The experiment; another name splits users anew.' },
    { name: 'expect', type: 'number', value: 'DIFFERENCE', default: 0.02, minimum: 0.0001, maximum: 1, sentence: 'A difference of rates worth finding, which the sequential test is most sensitive to.' },
    { name: 'looks', type: 'whole number', value: 'N', default: 20, minimum: 1, maximum: 1000, sentence: 'How often the sequential test looks.' },
    { name: 'replicates', type: 'whole number', value: 'N', default: 500, minimum: 0, maximum: 10_000, sentence: 'Resamples of users behind the interval of money.' },
    seedOption('The same seed draws the same resamples.'),
  ], // prettier-ignore
  settings: ['dataDir', 'modelsDir', 'policyFile'],
  example: 'sentinel ab --challenger v20260108_120000 --data data/payments.parquet',
  async run(input) {
    const { given } = input;
    const chosen = await armsOf(input);
    const simulation = new ABTestSimulation({
      experiment: given.text('name'),
      challengerShare: given.number('share'),
      thresholds: { champion: OUTCOME_THRESHOLDS, challenger: OUTCOME_THRESHOLDS },
      costs: chosen.champion.policy.costs,
      replicates: given.number('replicates'),
      seed: given.number('seed'),
      expectedDifference: given.number('expect'),
    });
    const fromMs = momentOf(given, 'from');
    const asked = {
      arms: chosen,
      cards: [chosen.champion.card, chosen.challenger.card],
      armOf: (userId: string) => simulation.armOf(userId),
      ...(fromMs !== undefined && { fromMs }),
    };
    const file = given.optionalText('data');
    const history = await (file === undefined ? historyInJournal(input, asked) : historyInFile(input, file, asked));
    const { payments, arrivalsMs, leftOut } = history;
    for (const arm of ['champion', 'challenger'] as const) {
      if (payments.some(({ userId }) => simulation.armOf(userId) === arm)) continue;
      const { immature, blocked } = leftOut;
      const young = immature === 0 ? '' : `; ${immature} are younger than the label delay`;
      const unknown = blocked === 0 ? '' : `; ${blocked} were blocked and never labelled`;
      const problem = `the ${arm} has no payments: ${payments.length} could be measured${young}${unknown}`;
      throw new SentinelError('USAGE', { problem });
    }
    const [result, looks] = whileComputing(() => [simulation.run(payments), simulation.looks(payments, given.number('looks'))] as const); // prettier-ignore
    const versionsOf = ({ artifact, policy }: ArmChoice) => ({
      model: artifact.version,
      policy: policy.version,
      lists: policy.listsVersion,
    });
    return {
      experiment: given.text('name'),
      versions: { champion: versionsOf(chosen.champion), challenger: versionsOf(chosen.challenger) },
      fromMs: arrivalsMs[0]!,
      toMs: arrivalsMs.at(-1)!,
      leftOut,
      ...result,
      looks: looks.map((look) => ({ ...look, untilMs: arrivalsMs[look.payments - 1]! })),
    };
  },
  render: renderExperiment,
};
