/** The clock of one API instance jumps away and back; nothing where libfaketime is not installed. */
import { type FaultKind, pauseUpTo } from '../fault.ts';

/** Seconds from the true time. */
const OFFSETS = [-7_200, 7_200, -172_800, 172_800, -90, 90, 2_592_000] as const;
const LONGEST_MS = 6_000;

export const clockJump: FaultKind = {
  name: 'clock jumps',
  sentence: 'Jumps of one instance’s clock and back (needs libfaketime: scripts/services tools).',
  usual: 7,
  lane: 'rest',
  async strike({ clock, random }, nth) {
    clock?.set(OFFSETS[nth % OFFSETS.length]!);
    await pauseUpTo(LONGEST_MS, random);
    clock?.set(0);
  },
};
