import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSegment } from '../../../src/adapters/segments/segment-scan.ts';
import { aDirectory } from '../../support/directories.ts';

describe('readSegment', () => {
  it('gives the bytes of the file, whatever in it is zero', async () => {
    const path = join(aDirectory(), 'segment');
    const part = 262_144;
    const places = fc.array(fc.constantFrom(0, 1, part - 1, part, part + 1, 2 * part, 3 * part - 1), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1, part - 1, part, part + 1, 3 * part + 7), places, async (size, marks) => {
        const bytes = new Uint8Array(size);
        for (const at of marks) bytes[at] = 7; // beyond the end nothing is set
        await writeFile(path, bytes);
        const read = await readSegment(path);
        expect([read.length, Buffer.compare(read, bytes), read.byteOffset]).toEqual([size, 0, 0]);
      }),
      { numRuns: 40 },
    );
  });
});
