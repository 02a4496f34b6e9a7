/** The journal's topic as a journal to be moved: read while others write it, or written by this process alone. */
import { type JournalTarget } from '../../ports/journal-copy.ts';
import { createDigest } from '../system/digest.ts';
import { type MergeStart } from './merge.ts';
import { hex } from './open-topic.ts';
import { joined } from './tail.ts';
import { scanTopic, type TopicScanOptions } from './topic-scan.ts';
import { openTopicSink } from './topic-sink.ts';

export interface TopicFramesOptions extends Omit<TopicScanOptions, 'onDamage'> {
  /** Seqs that are asked about, because a snapshot stands there. */
  readonly marks?: readonly number[];
}

/** Of one record: what snapshots of one instance are tied to, and what those of several. */
export interface Mark {
  /** Of the message, hex. */
  readonly mac: string;
  /** SHA-256 of the frame, hex. */
  readonly sha256: string;
}

export interface TopicFrames extends JournalTarget {
  /** Known once the frames have been read. */
  markAt(seq: number): Mark | undefined;
  /** Where reading of all begins; known once the frames have been read. */
  beginning(): MergeStart | undefined;
}

export function topicFrames(options: TopicFramesOptions): TopicFrames {
  const { topic, marks = [] } = options;
  const found = new Map<number, Mark>();
  let beginning: MergeStart | undefined;
  return {
    name: `topic ${topic}`,
    open: (seq) => openTopicSink(options, seq),
    markAt: (seq) => found.get(seq),
    beginning: () => beginning,
    async *frames() {
      const scan = scanTopic(options);
      for (;;) {
        const { done, value } = await scan.next();
        if (done) {
          beginning = value.beginning;
          return;
        }
        for (const { seq, mac, frame } of value) {
          if (!marks.includes(seq)) continue;
          const digest = createDigest();
          digest.update(frame);
          found.set(seq, { mac: hex(mac), sha256: digest.hex() });
        }
        yield joined(value.map(({ frame }) => frame));
      }
    },
  };
}
