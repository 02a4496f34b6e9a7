/** The strings in which a shared store keeps entities, without the store. */
import { EVENT_HEAD_BYTES, putU48 } from '../../src/features/entity-event.ts';
import { historyHead, NOTHING_KNOWN, openHistory } from '../../src/features/entity-history.ts';
import { type EntityPart, type Replica } from '../../src/features/replica.ts';

export interface SharedHistories {
  /** What a store answers to a part. */
  piece(part: Pick<EntityPart, 'key' | 'knownTo'>): Uint8Array;
  append(key: Uint8Array, seq: number, arrivalMs: number, event: Uint8Array): void;
  /** Folds an entity's events into its image with the help of an empty replica. */
  compact(part: EntityPart, empty: Replica): void;
  keys(): readonly Uint8Array[];
}

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('hex');

export function createSharedHistories(): SharedHistories {
  const strings = new Map<string, Buffer>();
  const whole = (key: Uint8Array): Buffer => strings.get(nameOf(key)) ?? Buffer.alloc(0);
  return {
    piece({ key, knownTo }) {
      const bytes = whole(key);
      const { imageOffset, eventsAt } = openHistory(bytes);
      if (bytes.length === 0 || knownTo < imageOffset) return bytes;
      return Buffer.concat([bytes.subarray(0, 10), bytes.subarray(eventsAt + knownTo - imageOffset)]);
    },
    append(key, seq, arrivalMs, event) {
      const before = whole(key);
      const head = Buffer.alloc(EVENT_HEAD_BYTES);
      const view = new DataView(head.buffer, head.byteOffset);
      putU48(view, 0, seq);
      putU48(view, 6, arrivalMs);
      strings.set(nameOf(key), Buffer.concat([before.length === 0 ? Buffer.alloc(10) : before, head, event]));
    },
    compact(part, empty) {
      const bytes = whole(part.key);
      empty.catchUp([{ ...part, knownTo: NOTHING_KNOWN }], [bytes]);
      strings.set(nameOf(part.key), Buffer.from(historyHead(openHistory(bytes).end, empty.image(part.key)!)));
    },
    keys: () => [...strings.keys()].map((name) => Buffer.from(name, 'hex')),
  };
}
