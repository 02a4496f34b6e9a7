/** The line to one server is slow, or lets nothing through and tells nobody; each server in turn. */
import { type FaultKind, pauseUpTo } from '../fault.ts';
import { SERVER_NAMES, type ServerName } from '../../own-servers.ts';

const DELAY_MS = 150;
/** Beyond the time in which a call of Redis is given up. */
const LONGEST_MS = 6_000;

const serverOf = (nth: number): ServerName => SERVER_NAMES[nth % SERVER_NAMES.length]!;

export const slowLine: FaultKind = {
  name: 'slow lines',
  sentence: 'Lines to a server that take 150 ms each way for some seconds.',
  usual: 8,
  lane: 'rest',
  async strike({ lines, random }, nth) {
    const line = lines.line[serverOf(nth)];
    line.delay(DELAY_MS);
    await pauseUpTo(LONGEST_MS, random);
    line.heal();
  },
};

export const silentLine: FaultKind = {
  name: 'silent lines',
  sentence: 'Lines to a server that let nothing through for some seconds.',
  usual: 8,
  lane: 'rest',
  async strike({ lines, random }, nth) {
    const line = lines.line[serverOf(nth)];
    line.partition();
    await pauseUpTo(LONGEST_MS, random);
    line.heal();
  },
};
