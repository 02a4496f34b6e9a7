/** sentinel bench ledger: projection and questions under millions of made-up decisions, in a database of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchLedger, type LedgerReport } from '../../../bench/ledger.ts';
import { benchEmbedded, benchServer } from '../../../bench/ledger-engines.ts';
import { type Command } from '../command.ts';

export interface LedgerBenched extends LedgerReport {
  readonly node: string;
}

/** What a page may take at the 99th percentile. */
const GOAL_MS = 50;

export const command: Command<LedgerBenched> = {
  options: [
    { name: 'rows', type: 'whole number', value: 'N', default: 1_000_000, minimum: 1_000, sentence: 'Decisions to make up.' },
    { name: 'keys', type: 'whole number', value: 'N', default: 200, minimum: 1, maximum: 100_000, sentence: 'Payments drawn, each asked about by every question.' },
    { name: 'database-url', type: 'text', value: 'URL', sentence: 'An empty database on a PostgreSQL server; without it PGlite is measured. One filled before is asked as it is.' },
  ], // prettier-ignore
  example: 'sentinel bench ledger --rows 100000',
  async run({ given, say, signal }) {
    const url = given.optionalText('database-url');
    const scratch = url === undefined ? await mkdtemp(join(tmpdir(), 'sentinel-ledger-')) : undefined;
    try {
      const ledger = scratch === undefined ? await benchServer(url!) : await benchEmbedded(scratch);
      try {
        const options = { decisions: given.number('rows'), keys: given.number('keys'), signal, say };
        return { node: process.version, ...(await benchLedger(ledger, options)) };
      } finally {
        await ledger.close();
      }
    } finally {
      if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
    }
  },
  hasFailed: ({ questions }) =>
    questions.some(({ p99Ms, sequentialScans }) => p99Ms > GOAL_MS || sequentialScans.length > 0),
  render: ({ engine, decisions, fill, databaseBytes, questions }) =>
    [
      `${engine}: ${decisions} decisions, ${(databaseBytes / 2 ** 30).toFixed(2)} GiB`,
      ...(fill === undefined ? [] : [`projected ${fill.recordsPerSecond.toFixed(0)} records a second, ${fill.clientCpuUs.toFixed(1)} µs of this process each`]),
      `p50 ms  p99 ms  question (goal: p99 of ${GOAL_MS} ms)`,
      ...questions.map(({ question, p50Ms, p99Ms, sequentialScans }) => {
        const scans = sequentialScans.length === 0 ? '' : `, reads all of ${sequentialScans.join(', ')}`;
        return `${p50Ms.toFixed(1).padStart(6)}  ${p99Ms.toFixed(1).padStart(6)}  ${question}${scans}`;
      }),
    ].join('\n'), // prettier-ignore
};
