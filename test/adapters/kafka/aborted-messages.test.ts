import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawMessage, withoutAborted } from '../../../src/adapters/kafka/aborted-messages.ts';
import { committedBatch } from '../../../src/adapters/kafka/client.ts';

const control = (type: number): Buffer => Buffer.from([0, 0, 0, type]);
const message = (offset: number, producerId: string, overrides: Partial<RawMessage> = {}): RawMessage => ({
  offset: String(offset),
  key: null,
  isControlRecord: false,
  batchContext: { producerId, inTransaction: true },
  ...overrides,
});

describe('the messages that were aborted', () => {
  it('stay out when a fetch begins in the middle of two transactions that are listed by their end', () => {
    const messages = [message(20, 'b'), message(21, 'a'), message(22, 'c')];
    const abortedTransactions = [
      { producerId: 'a', firstOffset: '15' },
      { producerId: 'b', firstOffset: '10' },
    ];
    expect(withoutAborted({ messages, abortedTransactions }).map(({ offset }) => offset)).toEqual(['22']);
  });

  it('are told from a message of the same producer outside a transaction and from a key that looks like a marker', () => {
    const plain = message(11, 'a', { batchContext: { producerId: 'a', inTransaction: false } });
    const lookalike = message(12, 'b', { key: control(0) });
    const messages = [message(10, 'a'), plain, lookalike, message(13, 'a')];
    const abortedTransactions = [{ producerId: 'a', firstOffset: '10' }];
    expect(withoutAborted({ messages, abortedTransactions })).toEqual([plain, lookalike]);
  });

  it('are exactly those of aborted transactions, however transactions of several producers interleave', () => {
    const step = fc.record({ producer: fc.constantFrom('a', 'b', 'c'), end: fc.constantFrom('no', 'commit', 'abort') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, from) => {
        const log: RawMessage[] = [];
        const open = new Map<string, number[]>();
        const aborted: { producerId: string; firstOffset: string; lastOffset: number }[] = [];
        const bad = new Set<number>();
        const end = (producer: string, how: string): void => {
          const offsets = open.get(producer);
          if (offsets === undefined) return;
          open.delete(producer);
          const marker = log.length;
          log.push(message(marker, producer, { isControlRecord: true, key: control(how === 'abort' ? 0 : 1) }));
          if (how !== 'abort') return;
          for (const offset of offsets) bad.add(offset);
          aborted.push({ producerId: producer, firstOffset: String(offsets[0]), lastOffset: marker });
        };
        for (const { producer, end: how } of steps) {
          if (how === 'no') {
            open.set(producer, [...(open.get(producer) ?? []), log.length]);
            log.push(message(log.length, producer));
          } else end(producer, how);
        }
        for (const producer of [...open.keys()]) end(producer, 'abort');
        // As a broker answers a fetch: what overlaps it, in order of where it ends.
        const listed = aborted.filter(({ lastOffset }) => lastOffset >= from);
        const seen = withoutAborted({ messages: log.slice(from), abortedTransactions: listed });
        const wanted = log
          .slice(from)
          .filter(({ isControlRecord, offset }) => isControlRecord || !bad.has(Number(offset)));
        expect(seen).toEqual(wanted);
      }),
    );
  });
});

describe('the client', () => {
  it('uses this filter in place of its own', () => {
    const messages = [message(20, 'b'), message(21, 'a'), message(22, 'c')];
    const abortedTransactions = [
      { producerId: 'a', firstOffset: '15' },
      { producerId: 'b', firstOffset: '10' },
    ];
    const data = { partition: 0, highWatermark: '23', messages, abortedTransactions };
    expect(committedBatch('topic', '20', data).messages.map(({ offset }) => offset)).toEqual(['22']);
  });
});
