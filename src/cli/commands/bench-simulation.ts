/** sentinel bench simulation: how hard the simulated payments are, and what an unknown campaign costs. */
import { benchSimulation, type Separation, type SimulationReport } from '../../../bench/simulation.ts';
import { SentinelError } from '../../domain/errors.ts';
import { DAY_MS } from '../../domain/time.ts';
import { CAMPAIGNS } from '../../simulation/campaigns.ts';
import { simulationOfSize } from '../../simulation/scale.ts';
import { TrainingPipeline } from '../../usecases/training-pipeline.ts';
import { type Command } from '../command.ts';
import { replicatesOption, seedOption, simulatedRowsOption } from '../common-options.ts';
import { learnersOf, learnersOption } from '../learner-names.ts';
import { whileComputing } from '../while-computing.ts';

const LABEL_DELAY_MS = 7 * DAY_MS;
const NAMES = Object.keys(CAMPAIGNS);

function campaignsOf(text: string): readonly string[] {
  if (text === 'none') return [];
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !NAMES.includes(name));
  if (unknown === undefined) return wanted;
  throw new SentinelError('USAGE', { problem: `no campaign is called ${unknown}; known are ${NAMES.join(', ')}` });
}

function separation(name: string, { rocAuc, averagePrecision, precisionAtRecall }: Separation): string {
  const cells = [rocAuc, averagePrecision, precisionAtRecall].map(({ value, low, high }) => {
    const interval = Number.isNaN(low) ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    return `${value.toFixed(4)}${interval}`.padEnd(24);
  });
  return `${name.padEnd(26)}${cells.join('')}`.trimEnd();
}

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`).padStart(8);

export const command: Command<SimulationReport> = {
  options: [
    simulatedRowsOption('Payments to simulate.'),
    { name: 'hold-out', type: 'text', value: 'NAMES', default: NAMES.join(','), sentence: 'Campaigns to keep from training, one at a time, separated by commas; or none.' },
    learnersOption(['symmetric']),
    seedOption('The same seed gives the same figures.'),
    replicatesOption('Bootstrap resamples of customers behind each interval.'),
  ], // prettier-ignore
  example: 'sentinel bench simulation --hold-out mule_ring',
  async run(input) {
    const { given } = input;
    const campaigns = campaignsOf(given.text('hold-out'));
    const [rows, seed] = [given.number('rows'), given.number('seed')];
    const bar = input.progress('trainings', campaigns.length + 1, 'models');
    const report = await whileComputing(() =>
      benchSimulation({
        simulation: simulationOfSize(rows, seed),
        pipeline: new TrainingPipeline({ learners: learnersOf(given.text('learners')), features: { labelDelayMs: LABEL_DELAY_MS }, seed, replicates: 0 }), // prettier-ignore
        labelDelayMs: LABEL_DELAY_MS,
        campaigns,
        seed,
        replicates: given.number('replicates'),
        onProgress: (share) => bar.update(Math.round(share * (campaigns.length + 1))),
      }),
    );
    bar.finish();
    return report;
  },
  render: ({ payments, testedOn, model, system, rawTree, heldOut }) =>
    [
      `${payments} simulated payments, tested on ${testedOn.payments} with ${testedOn.frauds} frauds; 95 % intervals`,
      `${''.padEnd(26)}${['ROC-AUC', 'average precision', 'precision, recall ≥ .85'].map((name) => name.padEnd(24)).join('')}`.trimEnd(),
      separation(model, system),
      separation('tree of depth 2, raw', rawTree),
      ...(heldOut.length === 0 ? [] : ['Caught of each campaign     frauds    known    never seen in training']),
      ...heldOut.map(
        ({ campaign, testFrauds, seen, unseen }) =>
          `  ${campaign.padEnd(24)}${String(testFrauds).padStart(8)} ${percent(seen)}  ${percent(unseen)}`,
      ),
    ].join('\n'),
};
