/** Stops a use case before it changes anything, while the journal has no room for its record. */
import { type Journal } from '../ports/journal.ts';

/** Throws what the journal says of itself, DISK_FULL for one; does nothing while records are taken. */
export function refuseWithoutRoom(journal: Journal): void {
  const refusal = journal.refusal?.();
  if (refusal !== undefined) throw refusal;
}
