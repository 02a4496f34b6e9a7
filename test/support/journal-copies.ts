/** Places to move journals from and to, in memory: a list of frames that can fail. */
import { type JournalTarget } from '../../src/ports/journal-copy.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { framesOf } from '../../src/adapters/memory/journal.ts';
import { createDigest } from '../../src/adapters/system/digest.ts';
import { type MoveDeps } from '../../src/usecases/move-journal.ts';

export const DIGESTED: MoveDeps = { createDigest };

export interface MemoryCopy extends JournalTarget {
  readonly kept: Uint8Array[];
  /** How many more writes succeed. */
  writesLeft: number;
}

export function aCopyOf(records: readonly JournalRecord[] = []): MemoryCopy {
  const copy: MemoryCopy = {
    name: 'the copy',
    kept: records.map((record) => framesOf([record])),
    writesLeft: Infinity,
    async *frames() {
      yield* [...copy.kept];
    },
    open: () =>
      Promise.resolve({
        write(frames) {
          if (copy.writesLeft-- <= 0) return Promise.reject(new Error('no room'));
          copy.kept.push(frames.slice());
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      }),
  };
  return copy;
}

/** All frames of a journal, one after the other. */
export async function bytesOf(journal: Pick<JournalTarget, 'frames'>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const frames of journal.frames()) all.push(frames.slice());
  return Buffer.concat(all);
}
