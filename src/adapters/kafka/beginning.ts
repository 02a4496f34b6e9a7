/** Where the records of a topic begin: with seq 1, with a later one it was begun with, or with what retention has left. */
import { SentinelError } from '../../domain/errors.ts';
import { type JournalTopic } from './cursor.ts';
import { openMessage } from './envelope.ts';
import { type Merge, type MergeStart, UNCLAIMED } from './merge.ts';

export interface Beginning extends MergeStart {
  /** A record missing up to here may have gone with those that retention removed; one beyond is lost. */
  readonly doubtfulTo: number;
}

const WAIT_MS = 250;
/** How far seqs may stand out of order in a partition that several instances write: more than are ever on their way. */
const DISORDER = 10_000;

/**
 * Where reading begins: at seq 1; behind the seq that the first claims of an imported journal name; or, where retention has
 * removed records, at the first seq from which on every partition is whole.
 */
export async function beginningOf({ topic, reader, mac }: JournalTopic): Promise<Beginning> {
  const { earliest, latest } = await reader.offsets();
  let seq = earliest.every((offset) => offset === 0) ? await seqBegunWith() : 1;
  let doubtfulTo = 0;
  for (const [partition, offset] of earliest.entries()) {
    if (offset === 0) continue;
    const first = await firstRecord(partition, offset, latest[partition]!);
    // A partition that retention has emptied does not tell which seqs were in it.
    doubtfulTo = Math.max(doubtfulTo, first === undefined ? Infinity : first + DISORDER);
    seq = Math.max(seq, first ?? 1);
  }
  return { seq, epoch: 0, offsets: earliest, claims: earliest.map(() => UNCLAIMED), doubtfulTo };

  /** A topic that was begun with a later record says so: its first message in each partition is a claim behind that place. */
  async function seqBegunWith(): Promise<number> {
    const asked = new Map([...latest.entries()].filter(([, end]) => end > 0).map(([partition]) => [partition, 0]));
    let begun = asked.size === 0 ? 1 : Infinity;
    while (asked.size > 0) {
      for (const { partition, messages, next } of await reader.fetch(asked, WAIT_MS)) {
        if (next < latest[partition]! && messages.length === 0) asked.set(partition, next);
        else asked.delete(partition);
        if (messages.length === 0) continue;
        const first = openMessage(mac, topic, partition, messages[0]!);
        begun = Math.min(begun, first.kind === 'claim' ? first.after + 1 : 1);
      }
    }
    return begun === Infinity ? 1 : begun;
  }

  async function firstRecord(partition: number, from: number, end: number): Promise<number | undefined> {
    for (let at = from; at < end;) {
      const [answer] = await reader.fetch(new Map([[partition, at]]), WAIT_MS);
      for (const message of answer?.messages ?? []) {
        const opened = openMessage(mac, topic, partition, message);
        if (opened.kind === 'record') return opened.seq;
      }
      at = answer?.next ?? at;
    }
    return undefined;
  }
}

/** Throws JOURNAL_CORRUPT where reading came to no record although some were there: seqs would begin again. */
export function refuseEmptied(topic: string, start: MergeStart, nextSeq: number): void {
  if (nextSeq !== start.seq || start.offsets.every((offset) => offset === 0)) return;
  const problem = 'retention has removed every record';
  throw new SentinelError('JOURNAL_CORRUPT', { place: `topic ${topic}`, problem });
}

/** Goes on behind what is missing of what was durable: it went with what retention removed. `onSkip` takes what is in order then. */
export function skipRemoved(merge: Merge, { doubtfulTo }: Beginning, onSkip: () => void): void {
  while (merge.nextSeq() <= Math.min(merge.durableTo(), doubtfulTo)) {
    merge.skipTo(merge.lowestWaiting() ?? merge.durableTo() + 1);
    onSkip();
  }
}
