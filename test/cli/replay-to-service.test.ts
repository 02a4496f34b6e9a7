/** What a replay sends to the service, and what it keeps back. */
import { describe, expect, it } from 'vitest';
import { replayToService } from '../../src/cli/replay-to-service.ts';
import { replayOrder } from '../../src/datasets/replay-order.ts';
import { aLabelled } from '../support/labelled-transactions.ts';
import { NOON_MS } from '../support/transactions.ts';

const DELAY_MS = 1_000;

/** Refuses the payments named; keeps the ids of labels. */
function aService(refused: readonly string[]) {
  const labelled: string[] = [];
  return {
    labelled,
    post(path: string, body: unknown): Promise<unknown> {
      if (path === '/api/v1/labels') {
        labelled.push((body as { transaction_id: string }).transaction_id);
        return Promise.resolve({});
      }
      const { transactions } = JSON.parse(body as string) as { transactions: { transaction_id: string }[] };
      const predictions = transactions.map(({ transaction_id: id }) =>
        refused.includes(id) ? { error: { detail: `${id} was used before` } } : { decision: 'review' },
      );
      return Promise.resolve({ predictions });
    },
  };
}

async function* batchOf(...ids: readonly string[]) {
  const payments = ids.map((transactionId, index) =>
    aLabelled({ transactionId, eventTimeMs: NOON_MS + index }, { isFraud: true, arrivalMs: NOON_MS + 10 + index }),
  );
  yield await Promise.resolve([...replayOrder(payments, DELAY_MS)]);
}

const replay = (client: ReturnType<typeof aService>, ...ids: readonly string[]) =>
  replayToService(batchOf(...ids), {
    client,
    nowMs: () => 0,
    pause: () => Promise.resolve(),
    onPayments: () => undefined,
    signal: new AbortController().signal,
    keepTimes: true,
  });

describe('a replay to a service', () => {
  it('sends the labels of payments taken', async () => {
    const service = aService([]);
    expect(await replay(service, 'a', 'b')).toMatchObject({ payments: 2, refused: 0, labels: 2, frauds: 2, caught: 2 });
    expect(service.labelled).toEqual(['a', 'b']);
  });

  it('keeps back the labels of refused payments, and says how many', async () => {
    const service = aService(['b']);
    const counts = await replay(service, 'a', 'b', 'c');
    expect(service.labelled).toEqual(['a', 'c']);
    expect(counts).toMatchObject({ payments: 3, refused: 1, labels: 2, labelsSkipped: 1, frauds: 2, caught: 2 });
    expect(counts.firstRefusal).toBe('b was used before');
  });
});
