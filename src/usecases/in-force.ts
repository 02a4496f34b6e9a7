/** What is recorded when a model and a policy come into force, and what may not follow what was. */
import { policyDocument, type Policy } from '../decisions/policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { type ChangeRecord } from '../journal/record.ts';

/** What is to decide from now on, and who says so. */
export interface PutInForce {
  readonly model: string;
  readonly policy: Policy;
  readonly actor: string;
}

export interface InForceChange {
  readonly subject: 'model' | 'policy';
  readonly version: string;
  /** The record of the change from the version `before`, if there was one. */
  record(before: string | undefined, arrivalMs: number): Omit<ChangeRecord, 'seq'>;
}

export function changesInForce({ model, policy, actor }: PutInForce): readonly InForceChange[] {
  const change = (subject: InForceChange['subject'], version: string, after: string): InForceChange => ({
    subject,
    version,
    record: (before, arrivalMs) => ({
      type: 'change',
      arrivalMs,
      actor,
      subject,
      version,
      after,
      ...(before !== undefined && { before }),
    }),
  });
  return [
    change('model', model, model),
    change('policy', policyInForce(policy), JSON.stringify(policyDocument(policy))),
  ];
}

/** The versions of a policy and its lists, and the currency in which it puts amounts on record. */
function policyInForce({ version, listsVersion, rates }: Policy): string {
  return `${version} ${listsVersion} ${rates.base}`;
}

/**
 * POLICY_INVALID when amounts on record are in another base currency than `wanted` reckons in: windows of profiles and figures
 * of periods would add up both. `before` is the policy last put in force; those of earlier versions do not say.
 */
export function requireSameBase(before: string | undefined, { policy: wanted }: Pick<PutInForce, 'policy'>): void {
  const [, , known] = before?.split(' ') ?? [];
  const { base } = wanted.rates;
  if (known === undefined || known === base) return;
  const problem =
    `${base}, but the amounts on record are in ${known}, and sums of both would mean nothing; ` +
    'another base currency takes a journal of its own (data directory, or topic prefix and Redis name)';
  throw new SentinelError('POLICY_INVALID', { place: 'base_currency', problem });
}
