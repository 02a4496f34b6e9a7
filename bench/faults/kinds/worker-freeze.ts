/** A stream worker stands still for longer than its session and goes on as if nothing had been. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultKind, pauseUpTo, pickMember } from '../fault.ts';

/** The group gives a worker up after ten seconds without a sign of life. */
const FREEZE_MS = 14_000;
const LONGEST_LIFE_MS = 2_000;

export const workerFreeze: FaultKind = {
  name: 'worker freezes',
  sentence: 'Workers stopped for longer than their session and woken.',
  usual: 5,
  lane: 'workers',
  async strike({ fleet, random }) {
    const victim = await pickMember(fleet.workers, random);
    await pauseUpTo(LONGEST_LIFE_MS, random);
    victim.freeze();
    await sleep(FREEZE_MS);
    victim.thaw();
  },
};
