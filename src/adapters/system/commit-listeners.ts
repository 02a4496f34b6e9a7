/** Who is told of the records that were committed, in every journal alike. */
import { type JournalRecord } from '../../journal/record.ts';
import { type CommitListener, type Journal } from '../../ports/journal.ts';

export interface CommitListeners {
  readonly subscribe: Journal['subscribe'];
  /** Whether nobody listens: then what they would be told need not be made. */
  isEmpty(): boolean;
  tell(frames: Uint8Array, records: () => readonly JournalRecord[]): void;
}

export function createCommitListeners(): CommitListeners {
  const listeners = new Set<CommitListener>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isEmpty: () => listeners.size === 0,
    tell(frames, records) {
      for (const listener of listeners) {
        try {
          listener(frames, records);
        } catch (error) {
          // A listener's failure is its own: it ends the process through the event loop, not the commit.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
