/** sentinel ledger prune: whole months dropped from the tables, as retention wants it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Pruned, pruneLedgerAt } from '../../adapters/postgres/prune-ledger.ts';
import { checkHead } from '../../adapters/segments/head-check.ts';
import { DATABASE_SETTING_NAMES, databaseServerOf } from '../../database-settings.ts';
import { SentinelError } from '../../domain/errors.ts';
import { formatRfc3339, parseRfc3339 } from '../../domain/time.ts';
import { type Command } from '../command.ts';
import { chainKeyOf, DATA } from '../data-directory.ts';

interface PruneReport extends Omit<Pruned, 'beforeMs'> {
  /** First day that is kept. */
  readonly before: string;
  /** The last record of the journal, which a rebuild begins from; 0 without one. */
  readonly journalHead: number;
}

function beforeOf(text: string): number {
  const ms = parseRfc3339(`${text}T00:00:00Z`);
  if (ms !== undefined) return ms;
  throw new SentinelError('USAGE', { problem: `--before: expected a day such as 2026-01-01, got ${text}` });
}

export const command: Command<PruneReport> = {
  options: [
    { name: 'before', type: 'text', value: 'DAY', required: true, sentence: 'Months that end before this day, or with it, go; the month it lies in stays.' },
    { name: 'yes', type: 'flag', sentence: 'Drop them.' },
  ], // prettier-ignore
  settings: ['dataDir', ...DATABASE_SETTING_NAMES],
  example: 'sentinel ledger prune --before 2025-07-01 --yes',
  async run({ given, config }) {
    const settings = config();
    const { dataDir } = settings;
    const beforeMs = beforeOf(given.text('before'));
    if (!given.flag('yes')) throw new SentinelError('USAGE', { problem: 'payments of whole months would go; --yes drops them' });
    const server = databaseServerOf(settings);
    const directory = join(dataDir, DATA.ledger);
    if (server === undefined && !existsSync(directory)) {
      throw new SentinelError('DATA_UNREADABLE', { file: directory, problem: 'there is no ledger' });
    }
    const pruned = await pruneLedgerAt({ server, directory }, beforeMs);
    const hasJournal = existsSync(join(dataDir, DATA.journal));
    const { head } = hasJournal ? await checkHead(join(dataDir, DATA.journal), await chainKeyOf(dataDir)) : { head: { seq: 0 } };
    const { partitions, payments, labels } = pruned;
    return { before: formatRfc3339(pruned.beforeMs), partitions, payments, labels, journalHead: head.seq };
  }, // prettier-ignore
  render: ({ before, partitions, payments, labels, journalHead }) =>
    [
      `${partitions.length} partitions dropped, ${payments} payments and ${labels} labels from before ${before}`,
      ...(journalHead === 0 || payments + labels === 0 ? [] : [`The journal still holds them, up to record ${journalHead}: ledger rebuild brings them back.`]),
    ].join('\n'), // prettier-ignore
};
