import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRingMemory,
  createRingReader,
  createRingWriter,
  longestMessage,
  type RingReader,
} from '../../src/http-thread/ring.ts';

const CAPACITY = 256;

function drained(reader: RingReader): number[][] {
  const messages: number[][] = [];
  reader.drain((bytes, start, end) => messages.push([...bytes.subarray(start, end)]));
  return messages;
}

describe('a ring', () => {
  it('hands out every message that was taken, whole and in order, wherever its end was', () => {
    const steps = fc.array(fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.constant('drain' as const)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (given) => {
        const memory = createRingMemory(CAPACITY);
        const [writer, reader] = [createRingWriter(memory), createRingReader(memory)];
        const taken: number[][] = [];
        const handedOut: number[][] = [];
        for (const step of given) {
          if (step === 'drain') handedOut.push(...drained(reader));
          else if (writer.put(step, step.length)) taken.push([...step]);
        }
        handedOut.push(...drained(reader));
        expect(handedOut).toEqual(taken);
      }),
    );
  });

  it('takes the longest message once it is empty, after whatever went before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { maxLength: 20 }), (lengths) => {
        const memory = createRingMemory(CAPACITY);
        const [writer, reader] = [createRingWriter(memory), createRingReader(memory)];
        for (const length of lengths) {
          writer.put(new Uint8Array(length), length);
          drained(reader);
        }
        const longest = new Uint8Array(longestMessage(memory)).fill(7);
        expect(writer.put(longest, longest.length)).toBe(true);
        expect(drained(reader)).toEqual([[...longest]]);
      }),
    );
  });

  it('goes on when the count of bytes passes 32 bits', () => {
    const memory = createRingMemory(CAPACITY);
    memory.control[0] = -64;
    memory.control[1] = -64;
    const [writer, reader] = [createRingWriter(memory), createRingReader(memory)];
    for (let message = 0; message < 20; message++) {
      expect(writer.put(Uint8Array.of(message, 1, 2, 3), 4)).toBe(true);
      expect(drained(reader)).toEqual([[message, 1, 2, 3]]);
    }
  });

  it('refuses a message it has no room for, and takes it after reading', () => {
    const memory = createRingMemory(CAPACITY);
    const [writer, reader] = [createRingWriter(memory), createRingReader(memory)];
    const half = new Uint8Array(CAPACITY / 2 - 8);
    expect([writer.put(half, half.length), writer.put(half, half.length), writer.put(half, half.length)]).toEqual([
      true,
      true,
      false,
    ]);
    drained(reader);
    expect(writer.put(half, half.length)).toBe(true);
  });

  it('asks for one wake-up of a reader that sleeps, and for none of one that does not', () => {
    const memory = createRingMemory(CAPACITY);
    const [writer, reader] = [createRingWriter(memory), createRingReader(memory)];
    expect(writer.mustWake()).toBe(false);
    expect(reader.sleep()).toBe(true);
    writer.put(Uint8Array.of(1), 1);
    expect([writer.mustWake(), writer.mustWake()]).toEqual([true, false]);
    expect(reader.sleep()).toBe(false);
  });

  it('has a size that is a power of two', () => {
    expect(() => createRingMemory(100)).toThrow(RangeError);
  });
});
