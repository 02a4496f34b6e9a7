import { expect, it } from 'vitest';
import { afterFailure, WHOLE } from '../../../src/adapters/kafka/circuit.ts';

it('waits twice as long after each failure, half a minute at most, and counts as broken from the third on', () => {
  const circuits = Array.from({ length: 12 }).reduce<(typeof WHOLE)[]>(
    (all) => [...all, afterFailure(all.at(-1)!)],
    [WHOLE],
  );
  expect(circuits.map(({ waitMs }) => waitMs).slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
  expect(circuits.at(-1)!.waitMs).toBe(30_000);
  expect(circuits.findIndex(({ isBroken }) => isBroken)).toBe(3);
});
