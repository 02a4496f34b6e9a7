/** Model and policy in force where instances share everything: whoever changes them first records it for all. */
import { changesInForce, type PutInForce } from './in-force.ts';
import { recordPlain, type SharedWriter } from './placed-journal.ts';

/** Records what differs from what was in force; an instance that finds it changed meanwhile leaves it as it is. */
export async function putSharedInForce(deps: SharedWriter, wanted: PutInForce): Promise<void> {
  for (const { subject, version, record } of changesInForce(wanted)) {
    const before = await deps.state.inForce(subject);
    if (before !== version) await recordPlain(deps, record(before, 0), { inForce: { subject, before, version } });
  }
}
