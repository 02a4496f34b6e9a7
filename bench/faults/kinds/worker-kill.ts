/** A stream worker ends in the middle of its work. */
import { type FaultKind, pauseUpTo, pickMember } from '../fault.ts';

/** From the moment it works. */
const LONGEST_LIFE_MS = 2_000;

export const workerKill: FaultKind = {
  name: 'worker kills',
  sentence: 'Workers ended by kill -9.',
  usual: 100,
  lane: 'workers',
  async strike({ fleet, random }) {
    const victim = await pickMember(fleet.workers, random);
    await pauseUpTo(LONGEST_LIFE_MS, random);
    victim.kill();
  },
};
