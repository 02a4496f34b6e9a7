import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { createByteWriter, viewOf } from '../../src/journal/bytes.ts';
import { frameProblem, frameTransactionId, isDecisionFrame, putRecord, takeRecord } from '../../src/journal/frame.ts';
import { type JournalRecord, type Unplaced } from '../../src/journal/record.ts';
import { anyDecision, anyRecord } from '../support/record-arbitraries.ts';
import { aDecision, aDecisionOf } from '../support/unplaced-records.ts';

const ROOM = 64 * 1024;

function encode(record: Unplaced, seq = 7): Uint8Array {
  const writer = createByteWriter(new Uint8Array(ROOM));
  const length = putRecord(writer, record, seq, PRIMITIVES);
  expect(writer.at).toBe(length);
  return writer.bytes.slice(0, length);
}

const decode = (bytes: Uint8Array): JournalRecord => takeRecord(bytes, viewOf(bytes), 0, PRIMITIVES);

/** Bits of the arrays: toEqual takes any NaN for any other. */
const bits = (values: Float64Array | undefined): readonly bigint[] =>
  values === undefined ? [] : [...new BigUint64Array(values.slice().buffer)];

describe('a record as a frame', () => {
  it('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(anyRecord, fc.maxSafeInteger(), (record, seq) => {
        expect(decode(encode(record, seq))).toStrictEqual({ ...record, seq });
      }),
      { numRuns: 400 },
    );
  });

  it('keeps every bit of vector and contributions', () => {
    fc.assert(
      fc.property(anyDecision, (record) => {
        const decoded = decode(encode(record));
        if (record.type !== 'decision' || decoded.type !== 'decision') throw new Error('not a decision');
        expect(bits(decoded.vector)).toEqual(bits(record.vector));
        expect(bits(decoded.contributions)).toEqual(bits(record.contributions));
      }),
    );
  });

  it('tells the transaction id without decoding the rest', () => {
    fc.assert(
      fc.property(anyDecision, (record) => {
        const bytes = encode(record);
        expect(isDecisionFrame(viewOf(bytes), 0)).toBe(true);
        const id = record.type === 'decision' ? record.transaction.transactionId : undefined;
        expect(frameTransactionId(bytes, viewOf(bytes), 0, PRIMITIVES)).toBe(id);
      }),
    );
  });

  it('is refused by its checksum when any single bit is turned', () => {
    const bytes = encode(aDecision());
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(frameProblem(bytes, viewOf(bytes), 0, bytes.length, PRIMITIVES.crc32)).toBeDefined();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(frameProblem(bytes, viewOf(bytes), 0, bytes.length, PRIMITIVES.crc32)).toBeUndefined();
  });

  it('leaves the writer as it was when the room does not suffice, at every size', () => {
    const length = encode(aDecision()).length;
    for (let room = 0; room < length; room += 1) {
      const writer = createByteWriter(new Uint8Array(room));
      expect(putRecord(writer, aDecision(), 1, PRIMITIVES)).toBe(0);
      expect(writer).toMatchObject({ at: 0, text: '' });
    }
  });

  it('stands at a multiple of eight and is followed at once by the next', () => {
    const writer = createByteWriter(new Uint8Array(ROOM));
    const first = putRecord(writer, aDecisionOf('a'), 1, PRIMITIVES);
    putRecord(writer, aDecisionOf('bc'), 2, PRIMITIVES);
    expect(first % 8).toBe(0);
    expect(takeRecord(writer.bytes, writer.view, first, PRIMITIVES)).toEqual({ ...aDecisionOf('bc'), seq: 2 });
  });

  it('of an unknown type or a newer format is refused by name', () => {
    const unknown = encode(aDecision());
    unknown[8] = 99;
    expect(() => decode(unknown)).toThrow('record type 99 is not known to this version');
    const newer = encode(aDecision());
    newer[9] = 2;
    expect(() => decode(newer)).toThrow('record format 2 is not known to this version, which reads 1');
  });

  it('refuses a request hash that is not 32 lower-case hex digits', () => {
    for (const requestHash of ['', 'ABCDEF0123456789abcdef0123456789', '0'.repeat(31), 'g'.repeat(32)]) {
      expect(() => encode(aDecision({ requestHash }))).toThrow('invalid request hash');
    }
  });
});
