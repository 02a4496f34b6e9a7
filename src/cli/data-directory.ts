/** What lies in a data directory, and who is using it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ChainKey, readChainKey } from '../adapters/segments/chain-key.ts';
import { refuseUnfinishedImport } from '../adapters/segments/unfinished-import.ts';
import { lockHolder } from '../adapters/system/lock.ts';
import { SentinelError } from '../domain/errors.ts';

/** Names within the data directory. */
export const DATA = {
  journal: 'journal',
  snapshots: 'snapshots',
  ledger: 'ledger',
  chainKey: join('journal', 'chain.key'),
  tokenKey: 'token.key',
  engines: 'engines',
} as const;

/** Throws JOURNAL_MISSING when there is none: nothing must be made where nothing was. */
export function refuseMissingJournal(dataDir: string): void {
  const place = join(dataDir, DATA.journal);
  if (!existsSync(place)) throw new SentinelError('JOURNAL_MISSING', { place });
}

/** The process that uses the journal; undefined when none does. */
export function holderOf(dataDir: string): number | undefined {
  return lockHolder(join(dataDir, DATA.journal));
}

/** The key of the journal's chain; JOURNAL_CORRUPT when it is missing, JOURNAL_UNFINISHED when the journal was not imported to its end. */
export async function chainKeyOf(dataDir: string): Promise<ChainKey> {
  refuseMissingJournal(dataDir);
  refuseUnfinishedImport(join(dataDir, DATA.journal));
  const place = join(dataDir, DATA.chainKey);
  const key = await readChainKey(place);
  if (key === undefined) throw new SentinelError('JOURNAL_CORRUPT', { place, problem: 'the key file is missing' });
  return key;
}
