/** The model and the policy in force are records too: a change is written before the first payment it decides. */
import { type ChangeRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Fold } from './fold.ts';
import { changesInForce, type PutInForce, requireSameBase } from './in-force.ts';

/** Records what differs from what was in force; resolves when durable. POLICY_INVALID when it may not follow that. */
export async function putInForce(
  deps: { readonly fold: Fold; readonly journal: Journal; readonly nowMs: () => number },
  wanted: PutInForce,
): Promise<void> {
  const { fold, journal } = deps;
  requireSameBase(fold.inForce('policy'), wanted);
  for (const change of changesInForce(wanted)) {
    const before = fold.inForce(change.subject);
    if (before === change.version) continue;
    const arrivalMs = Math.max(fold.position().arrivalMs, deps.nowMs());
    const appended = journal.append<ChangeRecord>(change.record(before, arrivalMs));
    fold.apply(appended.record);
    await appended.committed;
  }
}
