/** How fast a replay goes, as its options say; at most one of them may. */
import { SentinelError } from '../domain/errors.ts';
import { type Pace } from '../load/payment-stream.ts';
import { type Given } from './command.ts';

/** Payments a second when nothing is said. */
export const DEFAULT_RATE = 100;

/** USAGE when two options say it: one of them would do nothing. */
export function paceOf(given: Given): Pace {
  const perSecond = given.optionalNumber('rate');
  const speedUp = given.optionalNumber('speed-up');
  const said = [
    ...(perSecond === undefined ? [] : ['--rate']),
    ...(speedUp === undefined ? [] : ['--speed-up']),
    ...['flat-out', 'in-process'].filter((name) => given.flag(name)).map((name) => `--${name}`),
  ];
  const isFlatOut = given.flag('flat-out') || given.flag('in-process');
  if (said.length > 1 && (perSecond !== undefined || speedUp !== undefined)) {
    throw new SentinelError('USAGE', { problem: `give one of ${said.join(' and ')}` });
  }
  if (speedUp !== undefined) return { speedUp };
  return { perSecond: isFlatOut ? Infinity : (perSecond ?? DEFAULT_RATE) };
}
