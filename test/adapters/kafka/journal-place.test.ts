import { expect, it } from 'vitest';
import { type JournalPlace, readPlace } from '../../../src/adapters/kafka/shared-journal.ts';

it('reads a place as it is kept, and as it was kept once', () => {
  const place: JournalPlace = {
    seq: 9,
    epoch: 5,
    offsets: [3, 4],
    claims: [
      { epoch: 5, after: 7 },
      { epoch: 4, after: 0 },
    ],
  };
  expect(readPlace(JSON.stringify(place))).toEqual(place);
  const before = JSON.stringify({ ...place, claims: [5, 4] });
  expect(readPlace(before).claims).toEqual([
    { epoch: 5, after: 0 },
    { epoch: 4, after: 0 },
  ]);
});
