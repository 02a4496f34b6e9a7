/** sentinel bench calibration: Brier score, ECE and log loss before and after calibration, with intervals. */
import { benchCalibration, CALIBRATION_METRICS, CALIBRATION_STATES, type CalibrationReport } from '../../../bench/calibration.ts'; // prettier-ignore
import { getMapping } from '../../datasets/mappings.ts';
import { createSimulation } from '../../simulation/simulation.ts';
import { simulationOfSize } from '../../simulation/scale.ts';
import { type DatasetTable } from '../../usecases/build-training-table.ts';
import { TrainingPipeline } from '../../usecases/training-pipeline.ts';
import { type Command, type CommandInput } from '../command.ts';
import { replicatesOption, seedOption, simulatedRowsOption } from '../common-options.ts';
import { learnersOf, learnersOption } from '../learner-names.ts';
import { loadTable, OPTIONAL_DATA_OPTIONS, settingsOf } from '../training-data.ts';
import { whileComputing } from '../while-computing.ts';

const LABELS = { brier: 'Brier', calibrationError: 'ECE', logLoss: 'log loss' } as const;
const CELL_WIDTH = 30;

/** The file named, or simulated payments as `generate` makes them. */
async function tableOf(input: CommandInput): Promise<{ table: DatasetTable; data: string; labelDelayMs: number }> {
  const { given } = input;
  const mapping = getMapping(given.text('mapping'));
  const file = given.optionalText('data');
  const settings = settingsOf(mapping);
  if (file !== undefined) {
    const { table } = await loadTable(input, mapping, [file], settings);
    return { table, data: file, labelDelayMs: settings.labelDelayMs };
  }
  const rows = given.number('rows');
  const payments = createSimulation(simulationOfSize(rows, given.number('seed')));
  const table = await whileComputing(() => new TrainingPipeline({ features: settings }).table(payments));
  return { table, data: `${rows} simulated payments`, labelDelayMs: settings.labelDelayMs };
}

export const command: Command<CalibrationReport> = {
  options: [
    ...OPTIONAL_DATA_OPTIONS,
    simulatedRowsOption('Payments to simulate when there is no file.'),
    learnersOption(['logistic', 'forest', 'leaf-wise', 'symmetric', 'balanced-bagging']),
    seedOption('The same seed gives the same figures.'),
    replicatesOption('Bootstrap resamples of customers behind each interval.'),
  ], // prettier-ignore
  example: 'sentinel bench calibration --rows 50000',
  async run(input) {
    const { given } = input;
    const learners = learnersOf(given.text('learners'));
    const { table, data, labelDelayMs } = await tableOf(input);
    const bar = input.progress('fits', 100, '%');
    const report = whileComputing(() =>
      benchCalibration({
        data,
        table,
        learners,
        labelDelayMs,
        seed: given.number('seed'),
        replicates: given.number('replicates'),
        onProgress: (share) => bar.update(Math.floor(100 * share)),
      }),
    );
    bar.finish();
    return report;
  },
  render: ({ data, calibratedOn, testedOn, results }) =>
    [
      `${data}: calibrated on ${calibratedOn.payments} payments with ${calibratedOn.frauds} frauds, tested on ${testedOn.payments} with ${testedOn.frauds}; 95 % intervals`,
      `${''.padEnd(30)}${CALIBRATION_METRICS.map((name) => LABELS[name].padEnd(CELL_WIDTH)).join('')}`.trimEnd(),
      ...results.flatMap(({ learner, measured }) =>
        CALIBRATION_STATES.map((state) => {
          const cells = CALIBRATION_METRICS.map((name) => {
            const { value, low, high } = measured[state][name];
            const interval = Number.isNaN(low) ? '' : ` [${low.toFixed(5)}, ${high.toFixed(5)}]`;
            return `${value.toFixed(5)}${interval}`.padEnd(CELL_WIDTH);
          });
          return `${`${learner}, ${state}`.padEnd(30)}${cells.join('')}`.trimEnd();
        }),
      ),
    ].join('\n'),
};
