import fc from 'fast-check';
import { Command } from 'iovalkey';
import { describe, expect, it } from 'vitest';
import { FunctionCall, functionCallBytes, type Value } from '../../../src/adapters/redis/function-call.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }));
const number = fc.oneof(fc.maxSafeNat(), fc.constantFrom(-1, 0, 0.5, Infinity));
const value: fc.Arbitrary<Value> = fc.oneof(bytes, text, number, fc.record({ text, bytes }));

/** As the client has it: what is joined is one buffer. */
const plain = (given: Value): Buffer | string | number => {
  if (typeof given !== 'object') return given;
  return 'text' in given ? Buffer.concat([Buffer.from(given.text), given.bytes]) : Buffer.from(given);
};

const byClient = (name: string, keys: readonly Value[], args: readonly Value[]): Buffer => {
  const command = new Command('FCALL', [name, keys.length, ...keys.map(plain), ...args.map(plain)]);
  command.promise.catch(() => undefined);
  return Buffer.from(command.toWritable({}));
};

describe('a function call', () => {
  it('is the bytes the client would send', () => {
    fc.assert(
      fc.property(text, fc.array(value, { maxLength: 30 }), fc.array(value, { maxLength: 30 }), (name, keys, args) => {
        expect(functionCallBytes(name, keys, args).equals(byClient(name, keys, args))).toBe(true);
      }),
    );
  });

  it('finds room for arguments of any length', () => {
    const long: Value[] = [new Uint8Array(200_000).fill(7), 'é'.repeat(100_000), { text: 'k', bytes: new Uint8Array(99_999) }]; // prettier-ignore
    expect(functionCallBytes('f', long, long).equals(byClient('f', long, long))).toBe(true);
  });

  it('keeps its bytes while others are written', () => {
    const first = new FunctionCall('f', ['one'], [1]);
    void new FunctionCall('f', ['two'], [2]);
    expect(first.toWritable().toString()).toBe('*5\r\n$5\r\nFCALL\r\n$1\r\nf\r\n$1\r\n1\r\n$3\r\none\r\n$1\r\n1\r\n');
  });
});
