/** sentinel bench ledger: projection and questions under millions of made-up decisions, in a database of their own. */
import { benchLedger, type LedgerReport } from '../../../bench/ledger.ts';
import { type BenchedLedger, benchEmbedded, benchServer } from '../../../bench/ledger-engines.ts';
import { DATABASE_SETTING_NAMES, type DatabaseConfig, databaseServerOf } from '../../database-settings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { withScratch } from '../scratch.ts';

export interface LedgerBenched extends LedgerReport {
  readonly node: string;
}

/** What a page may take at the 99th percentile. */
const GOAL_MS = 50;

/** Never a word of the command line, which every user of the machine can read: it may hold a password. */
function serverUrl(config: DatabaseConfig): string {
  const server = databaseServerOf(config);
  if (server !== undefined) return server.url;
  throw new SentinelError('USAGE', { problem: '--server: name the PostgreSQL server by DATABASE_URL or DB_HOST' });
}

export const command: Command<LedgerBenched> = {
  options: [
    { name: 'rows', type: 'whole number', value: 'N', default: 1_000_000, minimum: 1_000, sentence: 'Decisions to make up.' },
    { name: 'keys', type: 'whole number', value: 'N', default: 200, minimum: 1, maximum: 100_000, sentence: 'Payments drawn, each asked about by every question, once and then again.' },
    { name: 'server', type: 'flag', sentence: 'Measure PostgreSQL, on the server of DATABASE_URL or DB_HOST, instead of PGlite: an empty database, or one filled by this before, which is asked as it is.' },
    { name: 'restart', type: 'text', value: 'COMMAND', sentence: 'A shell command that restarts that server; run before each question, so that it is first asked of empty buffers.' },
  ], // prettier-ignore
  settings: DATABASE_SETTING_NAMES,
  example: 'sentinel bench ledger --rows 100000',
  async run({ given, config, say, signal }) {
    const url = given.flag('server') ? serverUrl(config()) : undefined;
    const restart = given.optionalText('restart');
    if (restart !== undefined && url === undefined) {
      throw new SentinelError('USAGE', { problem: '--restart is for the server that --server measures' });
    }
    const options = {
      decisions: given.number('rows'),
      keys: given.number('keys'),
      ...(restart && { restart }),
      signal,
      say,
    };
    const measure = async (ledger: BenchedLedger): Promise<LedgerBenched> => {
      try {
        return { node: process.version, ...(await benchLedger(ledger, options)) };
      } finally {
        await ledger.close();
      }
    };
    if (url !== undefined) return await measure(await benchServer(url));
    return await withScratch('ledger', async (directory) => measure(await benchEmbedded(directory)));
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
