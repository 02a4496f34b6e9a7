/** The journal's topic as a journal to be moved: read while others write it, or written by this process alone. */
import { type JournalTarget } from '../../ports/journal-copy.ts';
import { hex } from './open-topic.ts';
import { joined } from './tail.ts';
import { scanTopic, type TopicScanOptions } from './topic-scan.ts';
import { openTopicSink } from './topic-sink.ts';

export interface TopicFramesOptions extends Omit<TopicScanOptions, 'onDamage'> {
  /** Seqs whose MAC is asked for, because a snapshot stands there. */
  readonly marks?: readonly number[];
}

export interface TopicFrames extends JournalTarget {
  /** MAC of the record at the mark `seq`, hex; known once the frames have been read. */
  macAt(seq: number): string | undefined;
}

export function topicFrames(options: TopicFramesOptions): TopicFrames {
  const { topic, marks = [] } = options;
  const macs = new Map<number, string>();
  return {
    name: `topic ${topic}`,
    open: (seq) => openTopicSink(options, seq),
    macAt: (seq) => macs.get(seq),
    async *frames() {
      for await (const records of scanTopic(options)) {
        for (const { seq, mac } of records) if (marks.includes(seq)) macs.set(seq, hex(mac));
        yield joined(records);
      }
    },
  };
}
