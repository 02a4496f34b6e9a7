/** An API instance ends in the middle of its answers; it may be the one that leads. */
import { type FaultKind, pauseUpTo, pickMember } from '../fault.ts';

const LONGEST_LIFE_MS = 2_000;

export const apiKill: FaultKind = {
  name: 'api kills',
  sentence: 'API instances ended by kill -9.',
  usual: 20,
  lane: 'rest',
  async strike({ fleet, random }) {
    const victim = await pickMember(fleet.apis, random);
    await pauseUpTo(LONGEST_LIFE_MS, random);
    victim.kill();
  },
};
