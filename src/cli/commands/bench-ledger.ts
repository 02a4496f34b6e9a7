/** sentinel bench ledger: projection and questions under millions of made-up decisions, in a database of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchLedger, type LedgerReport } from '../../../bench/ledger.ts';
import { benchEmbedded, benchServer } from '../../../bench/ledger-engines.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';

export interface LedgerBenched extends LedgerReport {
  readonly node: string;
}

/** What a page may take at the 99th percentile. */
const GOAL_MS = 50;

export const command: Command<LedgerBenched> = {
  options: [
    { name: 'rows', type: 'whole number', value: 'N', default: 1_000_000, minimum: 1_000, sentence: 'Decisions to make up.' },
    { name: 'keys', type: 'whole number', value: 'N', default: 200, minimum: 1, maximum: 100_000, sentence: 'Payments drawn, each asked about by every question, once and then again.' },
    { name: 'database-url', type: 'text', value: 'URL', sentence: 'An empty database on a PostgreSQL server; without it PGlite is measured. One filled before is asked as it is.' },
    { name: 'restart', type: 'text', value: 'COMMAND', sentence: 'A shell command that restarts that server; run before each question, so that it is first asked of empty buffers.' },
  ], // prettier-ignore
  example: 'sentinel bench ledger --rows 100000',
  async run({ given, say, signal }) {
    const url = given.optionalText('database-url');
    const restart = given.optionalText('restart');
    if (restart !== undefined && url === undefined) {
      throw new SentinelError('USAGE', { problem: '--restart is for the server of --database-url' });
    }
    const scratch = url === undefined ? await mkdtemp(join(tmpdir(), 'sentinel-ledger-')) : undefined;
    try {
      const ledger = scratch === undefined ? await benchServer(url!) : await benchEmbedded(scratch);
      try {
        const options = {
          decisions: given.number('rows'),
          keys: given.number('keys'),
          ...(restart && { restart }),
          signal,
          say,
        };
        return { node: process.version, ...(await benchLedger(ledger, options)) };
      } finally {
        await ledger.close();
      }
    } finally {
      if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
    }
  },
  hasFailed: ({ questions }) =>
    questions.some(({ again, sequentialScans }) => again.p99Ms > GOAL_MS || sequentialScans.length > 0),
  render: ({ engine, decisions, fill, databaseBytes, questions }) =>
    [
      `${engine}: ${decisions} decisions, ${(databaseBytes / 2 ** 30).toFixed(2)} GiB`,
      ...(fill === undefined ? [] : [`projected ${fill.recordsPerSecond.toFixed(0)} records a second, ${fill.clientCpuUs.toFixed(1)} µs of this process each`]),
      `ms at p50 and p99, each key asked about once and then again (goal: p99 of ${GOAL_MS} ms), and the most 8 KiB pages visited`,
      '   first           again     pages  question',
      ...questions.map(({ question, first, again, pages, sequentialScans }) => {
        const scans = sequentialScans.length === 0 ? '' : `, reads all of ${sequentialScans.join(', ')}`;
        const times = [first.p50Ms, first.p99Ms, again.p50Ms, again.p99Ms].map((ms) => ms.toFixed(1).padStart(6));
        return `${times.join('  ')}  ${String(pages).padStart(6)}  ${question}${scans}`;
      }),
    ].join('\n'), // prettier-ignore
};
