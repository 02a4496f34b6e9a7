/** Messages that cannot be handled lie among those that can. */
import { type FaultKind, pauseUpTo } from '../fault.ts';
import { POISONS, poisonOf } from '../poison.ts';

const BETWEEN_MS = 50;

export const poisonMessages: FaultKind = {
  name: 'poison rounds',
  sentence: 'Rounds of messages that cannot be handled, one of each kind.',
  usual: 4,
  lane: 'rest',
  async strike({ send, knownPayment, random }) {
    for (const kind of Object.keys(POISONS)) {
      send(poisonOf(kind, knownPayment()));
      await pauseUpTo(BETWEEN_MS, random);
    }
  },
};
