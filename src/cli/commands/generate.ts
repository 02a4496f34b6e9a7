/** sentinel generate: labelled synthetic payments to a file. */
import { writeTransactions } from '../../adapters/duckdb/write-transactions.ts';
import { CAMPAIGNS } from '../../simulation/campaigns.ts';
import { simulationOf } from '../../simulation/scale.ts';
import { createSimulation, DEFAULT_SIMULATION } from '../../simulation/simulation.ts';
import { type Command } from '../command.ts';
import { seedOption, usersOption } from '../common-options.ts';

interface Generated {
  readonly path: string;
  readonly rows: number;
  readonly seconds: number;
  readonly seed: number;
  /** Share of all payments that each campaign made up. */
  readonly campaigns: Readonly<Record<string, number>>;
}

export const command: Command<Generated> = {
  options: [
    { name: 'rows', type: 'whole number', value: 'N', default: DEFAULT_SIMULATION.transactions, minimum: 1, sentence: 'Payments to make.' },
    usersOption(DEFAULT_SIMULATION.users),
    { name: 'fraud-share', type: 'number', value: 'SHARE', default: DEFAULT_SIMULATION.fraudShare, minimum: 0, maximum: 0.5, sentence: 'Share of payments that are fraud.' },
    seedOption('The same seed makes the same payments.'),
    { name: 'out', type: 'text', value: 'FILE', default: 'data/payments.parquet', sentence: 'Where to write: .parquet, .csv or .csv.gz.' },
  ], // prettier-ignore
  example: 'sentinel generate --rows 1000000 --out data/payments.csv.gz',
  async run({ given, progress, signal }) {
    const rows = given.number('rows');
    const started = performance.now();
    const bar = progress('generate', rows);
    const counts: Record<string, number> = Object.fromEntries(Object.keys(CAMPAIGNS).map((name) => [name, 0]));
    const payments = createSimulation(
      simulationOf({ transactions: rows, users: given.number('users'), fraudShare: given.number('fraud-share'), seed: given.number('seed') }),
    ); // prettier-ignore
    function* counted() {
      for (const payment of payments) {
        if (payment.label?.campaign !== undefined) counts[payment.label.campaign]!++;
        yield payment;
      }
    }
    const path = given.text('out');
    await writeTransactions(path, counted(), { onRows: bar.update, signal });
    bar.finish();
    const campaigns = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / rows]));
    return { path, rows, seconds: (performance.now() - started) / 1_000, seed: given.number('seed'), campaigns };
  },
  render: ({ path, rows, seconds, campaigns }) =>
    [
      `${rows} payments in ${seconds.toFixed(1)} s: ${path}`,
      ...Object.entries(campaigns).map(([name, share]) => `  ${name.padEnd(22)} ${(share * 100).toFixed(3)} %`),
    ].join('\n'),
};
