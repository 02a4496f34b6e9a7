/** Model and policy in force where instances share everything: whoever changes them first records it for all. */
import { changesInForce, type PutInForce, requireSameBase } from './in-force.ts';
import { recordPlain, type SharedWriter } from './placed-journal.ts';

/**
 * Records what differs from what was in force. Where others change it meanwhile it is looked at again: the same change is on
 * record then, another one is not, and a policy that decides without being on record could not be proved. POLICY_INVALID
 * when it may not follow what was.
 */
export async function putSharedInForce(deps: SharedWriter, wanted: PutInForce): Promise<void> {
  requireSameBase(await deps.state.inForce('policy'), wanted);
  for (const { subject, version, record } of changesInForce(wanted)) {
    for (;;) {
      const before = await deps.state.inForce(subject);
      if (before === version) break;
      if (subject === 'policy') requireSameBase(before, wanted); // another instance may have been first
      const place = await recordPlain(deps, record(before, 0), { inForce: { subject, before, version } });
      if (place !== undefined) break;
    }
  }
}
