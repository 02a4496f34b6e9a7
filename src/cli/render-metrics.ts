/** A model card's figures as lines for a terminal. */
import { type ModelCard } from '../training/model-card/card.ts';

/** Metrics of the test period with their intervals, and how the candidates ranked. */
export function renderMetrics(card: ModelCard): string {
  const test = card.periods.find(({ name }) => name === 'test')!.evaluation;
  const rows = Object.entries(test.metrics).map(
    ([name, { value, low, high }]) =>
      `  ${name.padEnd(24)} ${value.toFixed(4)}  [${low.toFixed(4)}, ${high.toFixed(4)}]`,
  );
  const candidates = card.candidates.map(
    ({ name, averagePrecision, rocAuc, costUs, chosen }) =>
      `  ${chosen ? '*' : ' '} ${name.padEnd(20)} AP ${averagePrecision.toFixed(4)}  AUC ${rocAuc.toFixed(4)}  ${costUs.toFixed(1)} µs`,
  );
  return [
    `Test period: ${test.payments} payments, ${test.frauds} frauds; 95 % intervals`,
    ...rows,
    'Candidates on the calibration and policy periods (* chosen):',
    ...candidates,
  ].join('\n');
}
