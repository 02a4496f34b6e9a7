/** For answers whose lesser part comes from the ledger: they are given without it while it starts. */
import { SentinelError } from '../domain/errors.ts';

/** What `asked` gives; undefined when it rejects with NOT_READY. */
export async function unlessNotReady<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SentinelError && error.code === 'NOT_READY') return undefined;
    throw error;
  }
}
