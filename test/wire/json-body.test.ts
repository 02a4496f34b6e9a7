/** JSON read with nothing hidden: what is accepted is what JSON.parse gives, and the rest is refused with its place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../src/wire/json-body.ts';
import { findJsonFault } from '../../src/wire/json-fault.ts';
import { scanJson } from '../../src/wire/json-scan.ts';

const documents = fc.jsonValue({ maxDepth: 3 });

describe('readJson', () => {
  it('gives what JSON.parse gives for every document without repeated names', () => {
    fc.assert(
      fc.property(documents, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readJson(Buffer.from(text)).value).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses with a place whatever JSON.parse refuses, and nothing else', () => {
    const cut = fc
      .tuple(documents, fc.nat(), fc.nat(), fc.constantFrom('', ',', '}', '"', '0', 'x', ':', '\\'))
      .map(([value, at, remove, insert]) => {
        const text = JSON.stringify(value);
        const place = at % (text.length + 1);
        return text.slice(0, place) + insert + text.slice(place + (remove % 3));
      });
    fc.assert(
      fc.property(cut, (text) => {
        const accepted = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const fault = findJsonFault(text, 8);
        if (!accepted) expect(fault).toBeDefined();
        else if (fault !== undefined) expect(fault.problem).toMatch(/given twice/);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1},{"a":1,"c":[{"x":":","x":1}]}]',
    '{"a":"\\"a\\":1","a":2}',
    '{"\\u0061":1,"a":2}',
  ])('finds the repeated name in %s', (text) => {
    expect(() => readJson(Buffer.from(text))).toThrow(/given twice/);
  });

  it('takes colons and brackets in strings for what they are', () => {
    const text = '{"a":"{:[","b:":"\\":{","c":"2026-01-01T10:00:00Z"}';
    expect(readJson(Buffer.from(text)).value).toEqual(JSON.parse(text));
  });
});

describe('scanJson', () => {
  it('sees escapes, and quotes only where strings begin and end', () => {
    expect(scanJson(Buffer.from('{"a":[{"b":"c"}]}'))).toEqual({ quotes: 6, escaped: false });
    expect(scanJson(Buffer.from('{"a":"\\"\\\\"}'))).toEqual({ quotes: 4, escaped: true });
  });

  it('counts alike by words and by bytes', () => {
    const bytes = fc
      .uint8Array({ maxLength: 2_000 })
      .chain((array) => fc.nat(array.length).map((from) => array.subarray(from)));
    const anyQuotes = fc.array(fc.constantFrom(0x22, 0x21, 0x23, 0xa2, 0x02, 0xff, 0), { maxLength: 2_000 });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          anyQuotes.map((array) => Uint8Array.from(array)),
        ),
        (array) => {
          const plain = array.map((byte) => (byte === 0x5c ? 0 : byte));
          expect(scanJson(plain)).toEqual({ quotes: plain.filter((byte) => byte === 0x22).length, escaped: false });
        },
      ),
    );
  });
});
