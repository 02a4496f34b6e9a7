/** Where an installation keeps its journal, as backups need it; and the home in a data directory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { copyJournal } from '../adapters/segments/copy.ts';
import { segmentFrames } from '../adapters/segments/segment-frames.ts';
import { createDigest } from '../adapters/system/digest.ts';
import { type Lock, takeLock } from '../adapters/system/lock.ts';
import { type JournalHead } from '../ports/journal.ts';
import { createSurveyor, type JournalSurvey } from '../usecases/survey-frames.ts';
import { copyPart, STAGED } from './copy-part.ts';
import { chainKeyOf, DATA } from './data-directory.ts';

export interface SavedJournal {
  /** Of the copy: where its chain ends. */
  readonly head: JournalHead;
  readonly journal: JournalSurvey;
}

/** Whatever it is made of, its journal lies in a backup as segments, with their key and with snapshots that fit them. */
export interface JournalHome {
  /** Saves journal, key and snapshots of a service that may be running. JOURNAL_CORRUPT when it is damaged. */
  save(draft: string, signal: AbortSignal): Promise<SavedJournal>;
  /** What is replaced in the data directory, by its name in the backup; the journal last. */
  readonly replaces: readonly string[];
  /** Keeps services from the journal that is there. Throws when it is in use, as far as that can be seen. */
  hold(): Lock;
  /** Brings the journal of a backup back; what it `replaces` is made ready beside its place, under a name that ends with STAGED. */
  stage(backup: string, signal: AbortSignal): Promise<void>;
}

export function segmentHome(dataDir: string): JournalHome {
  return {
    async save(draft, signal) {
      const key = await chainKeyOf(dataDir);
      // Before the journal, so that no snapshot in the backup is ahead of it.
      for (const name of [DATA.snapshots, DATA.chainKey]) {
        if (existsSync(join(dataDir, name))) await copyPart(join(dataDir, name), join(draft, name), signal);
      }
      const directory = join(draft, DATA.journal);
      const head = await copyJournal({ from: join(dataDir, DATA.journal), to: directory, key, signal });
      const surveyor = createSurveyor(createDigest());
      for await (const frames of segmentFrames({ directory, key }).frames()) {
        signal.throwIfAborted();
        surveyor.add(frames);
      }
      return { head, journal: surveyor.read() };
    },
    replaces: [DATA.snapshots, DATA.journal],
    hold() {
      const directory = join(dataDir, DATA.journal);
      return existsSync(directory) ? takeLock(directory) : { release: () => undefined };
    },
    async stage(backup, signal) {
      for (const name of [DATA.journal, DATA.snapshots]) {
        if (existsSync(join(backup, name))) await copyPart(join(backup, name), join(dataDir, name) + STAGED, signal);
      }
    },
  };
}
