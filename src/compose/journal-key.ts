/** The key of the journal on Kafka: as configured, else kept in the data directory. */
import { join } from 'node:path';
import { type ChainKey, chainKey } from '../adapters/segments/chain-key.ts';
import { secretFile } from '../adapters/system/secret-file.ts';
import { type Config } from '../config.ts';

/** Where it is kept, within the data directory. */
export const JOURNAL_KEY_FILE = 'journal.key';

export function journalKeyOf({ journalKey, dataDir }: Pick<Config, 'journalKey' | 'dataDir'>): ChainKey {
  return chainKey(journalKey === '' ? secretFile(join(dataDir, JOURNAL_KEY_FILE)) : Buffer.from(journalKey, 'hex'));
}
