/** Model and policy in force where instances share everything: whoever changes them first records it for all. */
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type OnlineStore } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';
import { changesInForce, type PutInForce } from './in-force.ts';
import { appendPlaced, type PlacedJournal } from './placed-journal.ts';

/** Records what differs from what was in force; an instance that finds it changed meanwhile leaves it as it is. */
export async function putSharedInForce(
  deps: { readonly store: OnlineStore; readonly state: SharedState; readonly journal: PlacedJournal; readonly codec: ClaimCodec }, // prettier-ignore
  wanted: PutInForce,
): Promise<void> {
  for (const change of changesInForce(wanted)) {
    const before = await deps.state.inForce(change.subject);
    if (before === change.version) continue;
    const epoch = deps.store.epoch();
    const frame = deps.codec.encodeRecord(change.record(before, 0), 0);
    const { subject, version } = change;
    const place = await deps.state.place({ frame, inForce: { subject, before, version } });
    if (place !== undefined) await appendPlaced(deps, { ...place, frame }, epoch, 'change');
  }
}
