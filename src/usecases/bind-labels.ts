/** Labels that came before their payment, bound to it once it is decided. */
import { type DecisionRecord, type LabelRecord } from '../journal/record.ts';
import { type Journal } from '../ports/journal.ts';
import { type Fold, paymentReference } from './fold.ts';

interface BindDeps {
  readonly fold: Fold;
  readonly journal: Journal;
}

/** Binds what waits for this payment, at `arrivalMs`; what it returns resolves when that is durable. */
export function bindWaitingLabels(
  { fold, journal }: BindDeps,
  decision: DecisionRecord,
  arrivalMs: number,
): Promise<void> | undefined {
  let committed: Promise<void> | undefined;
  for (const label of fold.waitingLabels(decision.transaction.transactionId)) {
    const appended = journal.append<LabelRecord>({
      type: 'label',
      arrivalMs,
      label,
      payment: paymentReference(decision),
    });
    fold.apply(appended.record);
    ({ committed } = appended);
  }
  return committed;
}

/** At start: binds what a process that was killed had left waiting behind its decision. */
export async function bindLeftLabels(deps: BindDeps & { readonly nowMs: () => number }): Promise<void> {
  const { fold, journal } = deps;
  for (const transactionId of [...fold.labels().waiting.keys()]) {
    if (journal.knownId(transactionId) === undefined) continue;
    const decision = await journal.findDecision(transactionId);
    if (decision === undefined) continue;
    await bindWaitingLabels(deps, decision, Math.max(fold.position().arrivalMs, deps.nowMs()));
  }
}
