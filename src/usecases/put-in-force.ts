/** The model and the policy in force are records too: a change is written before the first payment it decides. */
import { policyDocument, type Policy } from '../decisions/policy.ts';
import { type ChangeRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Fold } from './fold.ts';

/** Records what differs from what was in force; resolves when durable. */
export async function putInForce(
  deps: { readonly fold: Fold; readonly journal: Journal; readonly nowMs: () => number },
  { model, policy, actor }: { readonly model: string; readonly policy: Policy; readonly actor: string },
): Promise<void> {
  const { fold, journal } = deps;
  const changes = [
    { subject: 'model', version: model, after: model },
    {
      subject: 'policy',
      version: `${policy.version} ${policy.listsVersion}`,
      after: JSON.stringify(policyDocument(policy)),
    },
  ] as const;
  for (const change of changes) {
    const before = fold.inForce(change.subject);
    if (before === change.version) continue;
    const arrivalMs = Math.max(fold.position().arrivalMs, deps.nowMs());
    const record = { type: 'change', arrivalMs, actor, ...change, ...(before !== undefined && { before }) } as const;
    const appended = journal.append<ChangeRecord>(record);
    fold.apply(appended.record);
    await appended.committed;
  }
}
