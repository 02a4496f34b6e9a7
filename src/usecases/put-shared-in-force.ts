/** Model and policy in force where instances share everything: whoever changes them first records it for all. */
import { policyDocument, type Policy } from '../decisions/policy.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type OnlineStore } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';
import { appendPlaced, type PlacedJournal } from './placed-journal.ts';

/** Records what differs from what was in force; an instance that finds it changed meanwhile leaves it as it is. */
export async function putSharedInForce(
  deps: { readonly store: OnlineStore; readonly state: SharedState; readonly journal: PlacedJournal; readonly codec: ClaimCodec }, // prettier-ignore
  { model, policy, actor }: { readonly model: string; readonly policy: Policy; readonly actor: string },
): Promise<void> {
  const changes = [
    { subject: 'model', version: model, after: model },
    {
      subject: 'policy',
      version: `${policy.version} ${policy.listsVersion}`,
      after: JSON.stringify(policyDocument(policy)),
    },
  ] as const;
  for (const change of changes) {
    const before = await deps.state.inForce(change.subject);
    if (before === change.version) continue;
    const epoch = deps.store.epoch();
    const record = { type: 'change', arrivalMs: 0, actor, ...change, ...(before !== undefined && { before }) } as const;
    const frame = deps.codec.encodeRecord(record, 0);
    const { subject, version } = change;
    const place = await deps.state.place({ frame, inForce: { subject, before, version } });
    if (place !== undefined) await appendPlaced(deps, { ...place, frame }, epoch, 'change');
  }
}
