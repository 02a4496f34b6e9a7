import { describe, expect, it } from 'vitest';
import { handlePersistently, type PersistenceOptions } from '../../../src/adapters/kafka/persistence.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { type HandledMessages, type StreamHandler, type StreamMessage } from '../../../src/ports/transaction-stream.ts';
import { aDecisionOf } from '../../support/unplaced-records.ts';
import { aMessage } from '../../support/streams.ts';

const outcomesOf = (messages: readonly StreamMessage[], epoch: number, calls: string[] = []): HandledMessages => ({
  epoch,
  outcomes: messages.map(({ offset }) => ({
    kind: 'handled',
    sends: [],
    records: [{ ...aDecisionOf(String(offset)), seq: offset }],
  })),
  check: async () => void calls.push(`check ${messages.length}`),
  committed: async () => void calls.push(`committed ${messages.length}`),
});

function run(handler: StreamHandler, messages: readonly StreamMessage[]) {
  const waits: number[] = [];
  const broken: boolean[] = [];
  const options: PersistenceOptions = {
    pause: async (ms) => void waits.push(ms),
    onCircuit: ({ isBroken }) => void broken.push(isBroken),
  };
  return { handled: handlePersistently(handler, messages, options), waits, broken };
}

describe('handling persistently', () => {
  const messages = [aMessage('a'), aMessage('b'), aMessage('c')];
  const [, culprit] = messages as [StreamMessage, StreamMessage, StreamMessage];

  it('waits longer and longer while something else is out of order, and says when it is broken', async () => {
    let failures = 5;
    const { handled, waits, broken } = run(
      (all) => (failures-- > 0 ? Promise.reject(new SentinelError('OVERLOADED')) : Promise.resolve(outcomesOf(all, 1))),
      messages,
    );
    expect((await handled).outcomes).toHaveLength(3);
    expect(waits).toEqual([100, 200, 400, 800, 1_600]);
    expect(broken).toEqual([false, false, true, true, true, false]);
  });

  it('tries each alone when one fails, and gives up that one only', async () => {
    const calls: string[] = [];
    const { handled } = run(
      (all) => (all.includes(culprit) ? Promise.reject(new TypeError('a bug')) : Promise.resolve(outcomesOf(all, 1, calls))),
      messages,
    ); // prettier-ignore
    const { outcomes, epoch, check, committed } = await handled;
    expect(outcomes).toMatchObject([
      { kind: 'handled' },
      { kind: 'dead', reason: 'handler', error: 'TypeError: a bug' },
      { kind: 'handled' },
    ]);
    expect(epoch).toBe(1);
    await check();
    await committed();
    expect(calls).toEqual(['check 1', 'check 1', 'committed 1', 'committed 1']);
  });

  it('takes all again when some were handled in one epoch and some in another', async () => {
    let epoch = 1;
    const { handled } = run(
      (all) => (all.length > 1 ? Promise.reject(new TypeError('a bug')) : Promise.resolve(outcomesOf(all, epoch++))),
      messages,
    );
    await expect(handled).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
