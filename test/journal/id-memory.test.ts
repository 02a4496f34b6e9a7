import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inSlices } from '../../src/adapters/system/in-slices.ts';
import { createIdMemory } from '../../src/journal/id-memory.ts';
import { createIdTable, segmentReference } from '../../src/journal/id-table.ts';
import { decodeIndex, encodeIndex, findRow } from '../../src/adapters/segments/segment-index.ts';
import { createMac } from '../../src/adapters/system/mac.ts';
import { chainKey } from '../../src/adapters/segments/chain-key.ts';
import { fingerprint } from '../../src/journal/fingerprint.ts';
import { aRequestHash } from '../support/unplaced-records.ts';

const SEED = 99;

describe('the memory of ids', () => {
  it('remembers what a map remembers, through commits and retirements', () => {
    const step = fc.record({ added: fc.nat(40), retired: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const memory = createIdMemory(SEED);
        const model: { id: string; segment: number; offset: number }[] = [];
        let retired = 0;
        steps.forEach(({ added, retired: retiring }, segment) => {
          for (let index = 0; index < added; index += 1) {
            const id = `${segment}-${index}`;
            memory.add(id, aRequestHash(id), model.length + 1, 8 * index);
            model.push({ id, segment, offset: 1_000 + 8 * index });
          }
          memory.place(added, segment, 1_000);
          const left = memory.retire(memory.placed(), retiring);
          retired = Math.min(model.length, retired + retiring);
          expect(left).toBe(model.length - retired);
        });
        expect(memory.exact()).toBe(model.length - retired);
        model.forEach(({ id, segment, offset }, index) => {
          if (index < retired) {
            expect(memory.find(id)).toBe('elsewhere');
            expect(memory.olderSegments(id)).toEqual([segment]);
          } else {
            expect(memory.find(id)).toEqual({ seq: index + 1, requestHash: aRequestHash(id), segment, offset });
          }
        });
        expect(memory.find('never')).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('holds 300,000 ids in at most 80 bytes each and gives back what is retired', () => {
    const memory = createIdMemory(SEED);
    const hash = aRequestHash('x');
    for (let index = 0; index < 300_000; index += 1) memory.add(`id-${index}`, hash, index + 1, 0);
    memory.place(300_000, 1, 0);
    expect(memory.bytes() / 300_000).toBeLessThan(80);
    expect(memory.find('id-299999')).toMatchObject({ seq: 300_000, requestHash: hash });
    memory.retire(300_000, 300_000);
    expect(memory.bytes() / 300_000).toBeLessThan(40);
    expect(memory.find('id-0')).toBe('elsewhere');
  });

  it('tells apart fingerprints that share a tag', () => {
    const table = createIdTable();
    for (let index = 0; index < 100; index += 1) table.insert(0, 7, index + 1);
    table.redirect(0, 7, 50, segmentReference(3));
    const seen: number[] = [];
    table.find(0, 7, (reference) => seen.push(reference) < 0);
    expect(new Set(seen)).toEqual(
      new Set([...Array(100).keys()].map((index) => (index === 49 ? segmentReference(3) : index + 1))),
    );
    expect(table.find(0, 8, () => true)).toBe(false);
  });
});

describe('the index of a segment', () => {
  it('comes back from its bytes sorted, and leads every id to its place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string({ maxLength: 12 }), { maxLength: 200 }), async (ids) => {
        const memory = createIdMemory(SEED);
        ids.forEach((id, index) => memory.add(id, aRequestHash(id), 11 + index, 64 * index));
        memory.place(ids.length, 4, 128);
        const mac = createMac(chainKey(new Uint8Array(32)).key);
        const summary = {
          number: 4,
          firstSeq: 10,
          lastSeq: 10 + ids.length,
          firstArrivalMs: 5,
          lastArrivalMs: 6,
          end: 9_000,
          previousMac: new Uint8Array(32).fill(1),
          mac: new Uint8Array(32).fill(2),
        };
        const bytes = await encodeIndex(summary, await memory.columns(0, ids.length, inSlices), mac);
        const index = decodeIndex(bytes, mac)!;
        expect(index.summary).toEqual(summary);
        const words = new Uint32Array(4);
        ids.forEach((id, position) => {
          fingerprint(id, SEED, words, 0);
          const row = findRow(index.ids, words);
          expect(index.ids.firstSeq + index.ids.seqs[row]!).toBe(11 + position);
          expect(index.ids.offsets[row]).toBe(64 * position + 128);
        });
        fingerprint('an id longer than any above', SEED, words, 0);
        expect(findRow(index.ids, words)).toBe(-1);

        const again = createIdMemory(SEED);
        again.load(index.ids, 4, true);
        for (const id of ids) expect(again.find(id)).toEqual(memory.find(id));

        bytes[bytes.length >> 1]! ^= 1;
        expect(decodeIndex(bytes, mac)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
