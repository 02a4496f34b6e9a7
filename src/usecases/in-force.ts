/** What is recorded when a model and a policy come into force. */
import { policyDocument, type Policy } from '../decisions/policy.ts';
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
    change('policy', `${policy.version} ${policy.listsVersion}`, JSON.stringify(policyDocument(policy))),
  ];
}
