/** What all instances must have in common, compared by fingerprints that one of them has left in the store. */
import { createHmac } from 'node:crypto';
import { type ChainKey } from '../../adapters/segments/chain-key.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type SharedState } from '../../ports/shared-state.ts';

export interface Agreement {
  /** The key of the journal's MACs. */
  readonly 'journal key': string;
  /** The key of the tokens that stand for card numbers. */
  readonly 'token key': string;
  /** Which features profiles are kept for. */
  readonly 'feature settings': string;
}

const NAME = 'agreement';

const REMEDIES: Readonly<Record<keyof Agreement, string>> = {
  'journal key': 'give all instances the same SENTINEL_JOURNAL_KEY, or the same data directory',
  'token key': 'give all instances the same SENTINEL_TOKEN_KEY, or the same data directory',
  'feature settings':
    'the model in production here was trained for other features than the one the instances serve: stop them all, ' +
    'and start them with another SENTINEL_REDIS_NAME, under which profiles are restored for the new features',
};

export function agreementOf(journal: ChainKey, tokenKey: Uint8Array, engineHash: string): Agreement {
  return {
    'journal key': Buffer.from(journal.id).toString('hex'),
    'token key': createHmac('sha256', tokenKey).update('sentinel token key').digest('hex').slice(0, 16),
    'feature settings': engineHash,
  };
}

/** What differs between `own` and what the instances agreed on, a sentence each; the first to ask decides. */
export async function differencesFrom(state: SharedState, own: Agreement): Promise<readonly string[]> {
  const theirs = JSON.parse(await state.agree(NAME, JSON.stringify(own))) as Agreement; // written below or by another instance
  return differences(own, theirs);
}

/** The same without a say in it. */
export async function knownDifferences(state: SharedState, own: Agreement): Promise<readonly string[]> {
  const told = await state.told(NAME);
  return told === undefined ? [] : differences(own, JSON.parse(told) as Agreement);
}

/** From now on the others are measured by `own`: said by whoever has restored the store. */
export async function tellAgreement(state: SharedState, own: Agreement): Promise<void> {
  await state.tell(NAME, JSON.stringify(own));
}

/** Throws CONFIG_INVALID with every difference. */
export async function requireAgreement(state: SharedState, own: Agreement): Promise<void> {
  const found = await differencesFrom(state, own);
  if (found.length > 0)
    throw new SentinelError('CONFIG_INVALID', { problems: found.map((each) => `\n  ${each}`).join('') });
}

function differences(own: Agreement, theirs: Agreement): readonly string[] {
  return (Object.keys(REMEDIES) as (keyof Agreement)[]) // the keys of a closed table
    .filter((name) => own[name] !== theirs[name])
    .map((name) => `the ${name} is another than that of the other instances; ${REMEDIES[name]}`);
}
