/** A simulated experiment for a terminal: the arms side by side, their difference, and when it could have been stopped. */
import { formatRfc3339 } from '../domain/time.ts';
import { type Arm } from '../experiments/assignment.ts';
import { type ABTestResult, type ArmMetrics, type Look } from '../experiments/ab-test-simulation.ts';
import { type Difference } from '../experiments/significance.ts';

export interface SimulatedExperiment extends ABTestResult {
  readonly experiment: string;
  readonly versions: Readonly<Record<Arm, { readonly model: string; readonly policy: string; readonly lists: string }>>;
  /** Of the first and the last payment measured, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly leftOut: Readonly<{ immature: number; blocked: number }>;
  readonly looks: readonly (Look & { readonly untilMs: number })[];
}

const LABEL_WIDTH = 22;
const CELL_WIDTH = 16;
/** Of a test that may stop the experiment. */
const STOP_BELOW = 0.05;

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(100 * share).toFixed(2)} %`);
const money = (amount: number): string => (Number.isNaN(amount) ? '–' : amount.toFixed(3));
const count = (number: number): string => number.toLocaleString('en');
const pText = (p: number): string => (Number.isNaN(p) ? '–' : p < 0.0001 ? '< .0001' : p.toFixed(4));

export function renderExperiment(result: SimulatedExperiment): string {
  const { experiment, versions, arms, differences, winner, leftOut, fromMs, toMs } = result;
  const line = (label: string, of: (arm: ArmMetrics) => string, more = ''): string =>
    `${label.padEnd(LABEL_WIDTH)}${of(arms.champion).padStart(CELL_WIDTH)}${of(arms.challenger).padStart(CELL_WIDTH)}${more}`;
  const rate = ({ difference, low, high, pValue }: Difference): string =>
    `   ${percent(difference)} [${percent(low)}, ${percent(high)}], p = ${pText(pValue)}`;
  const saved = differences.savedPerPayment;
  const { immature, blocked } = leftOut;
  return [
    `Experiment ${experiment}, ${formatRfc3339(fromMs)} to ${formatRfc3339(toMs)}`,
    ...(['champion', 'challenger'] as const).map((arm) => `  ${arm.padEnd(11)} model ${versions[arm].model}, policy ${versions[arm].policy}, lists ${versions[arm].lists}`), // prettier-ignore
    ...(immature + blocked === 0 ? [] : [`  left out: ${count(immature)} payments younger than the label delay, ${count(blocked)} blocked ones without a label`]), // prettier-ignore
    `${''.padEnd(LABEL_WIDTH)}${'champion'.padStart(CELL_WIDTH)}${'challenger'.padStart(CELL_WIDTH)}   difference [95 %], p of one look`,
    line('users', ({ users }) => count(users)),
    line('payments', ({ payments }) => count(payments)),
    line('frauds', ({ frauds }) => count(frauds)),
    line('recall', ({ recall }) => percent(recall), rate(differences.recall)),
    line('false positives', ({ falsePositiveRate }) => percent(falsePositiveRate), rate(differences.falsePositiveRate)),
    line('precision', ({ precision }) => percent(precision)),
    line('saved a payment', ({ savedPerPayment }) => money(savedPerPayment), `   ${money(saved.difference)} [${money(saved.low)}, ${money(saved.high)}]`), // prettier-ignore
    `Winner by money saved: ${winner}`,
    stopLine(result.looks),
  ].join('\n');
}

/** When whoever looked again and again would have been allowed to stop. */
function stopLine(looks: SimulatedExperiment['looks']): string {
  const smallest = ({ recall, falsePositiveRate }: Look): number =>
    Math.min(
      ...[recall, falsePositiveRate].map(({ alwaysValidPValue }) => alwaysValidPValue).filter((p) => !Number.isNaN(p)),
    );
  // Two rates are tested, so each gets half of the error.
  const place = looks.findIndex((look) => 2 * smallest(look) < STOP_BELOW);
  const last = looks.at(-1)!;
  const values = `recall p = ${pText(last.recall.alwaysValidPValue)}, false positives p = ${pText(last.falsePositiveRate.alwaysValidPValue)} at the end`;
  if (place < 0) return `Sequential test, ${looks.length} looks: no reason to stop; ${values}`;
  const { payments, untilMs, recall } = looks[place]!;
  const rate = 2 * recall.alwaysValidPValue < STOP_BELOW ? 'recall' : 'false positives';
  return `Sequential test: could be stopped at look ${place + 1} of ${looks.length}, after ${count(payments)} payments (${formatRfc3339(untilMs)}), for ${rate}; ${values}`;
}
