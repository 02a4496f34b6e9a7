/** The key of the tokens that stand for card numbers: as configured, else kept in the data directory. */
import { join } from 'node:path';
import { secretFile } from '../adapters/system/secret-file.ts';
import { type Config } from '../config.ts';

export function tokenKeyOf({ tokenKey, dataDir }: Pick<Config, 'tokenKey' | 'dataDir'>): Uint8Array {
  return tokenKey === '' ? secretFile(join(dataDir, 'token.key')) : new TextEncoder().encode(tokenKey);
}
