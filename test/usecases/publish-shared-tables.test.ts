/** What the leader does beside the tables: labels that waited too long for their payment are given up, and only those. */
import { expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { type Placed } from '../../src/ports/online-store.ts';
import { type LabelChange } from '../../src/ports/shared-state.ts';
import { publishSharedTables, type SharedTablesDeps } from '../../src/usecases/publish-shared-tables.ts';
import { aLabelRecord } from '../support/journal-records.ts';
import { NOON_MS } from '../support/transactions.ts';

it('gives up the labels that have waited for 30 days, and lets the younger ones of the same payment wait on', async () => {
  const waiting = [-31, -2].map((day, index): Placed => ({ seq: index + 1, arrivalMs: NOON_MS + day * DAY_MS, frame: new Uint8Array([index]) })); // prettier-ignore
  const changes: LabelChange[] = [];
  const placing = ['tables', 'dead_letter'];
  let seq = 10;
  const deps = {
    fold: { position: () => ({ seq: 9, arrivalMs: NOON_MS - HOUR_MS }), engine: { tablesDue: () => ({ version: 1 }) } },
    state: {
      tablesVersion: async () => 0,
      place: async () => ({ seq: seq++, arrivalMs: NOON_MS }),
      waitingSince: async () => ['early'],
      labels: async () => ({ payment: 'unknown', waiting }),
      placeLabel: async (change: LabelChange) => {
        changes.push(change);
        return { seq: seq++, arrivalMs: NOON_MS };
      },
      confirmPlaced: async () => undefined,
    },
    store: { epoch: () => 1, check: async () => undefined, confirmPlaced: async () => undefined },
    journal: { append: async () => undefined },
    codec: { encodeRecord: () => new Uint8Array(1), decodePlaced: () => ({ type: placing.shift() }) },
    nowMs: () => NOON_MS,
  } as unknown as SharedTablesDeps;
  const record = aLabelRecord(9, { transactionId: 'known', arrivalMs: NOON_MS });
  expect(await publishSharedTables(deps, record)).toBe(true);
  expect(changes).toMatchObject([{ transactionId: 'early', becomes: 'nothing' }]);
  expect(changes[0]!.left).toEqual([waiting[1]]);
});
