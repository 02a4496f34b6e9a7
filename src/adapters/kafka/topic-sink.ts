/** Writes frames into the journal's topic behind those that are there, as the one writer it has meanwhile. */
import { hostname } from 'node:os';
import { SentinelError } from '../../domain/errors.ts';
import { viewOf } from '../../journal/bytes.ts';
import { frameLength, frameSeq, takeRecord } from '../../journal/frame.ts';
import { type FrameSink } from '../../ports/journal-copy.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { createMac } from '../system/mac.ts';
import { beginningOf } from './beginning.ts';
import { type JournalTopic } from './cursor.ts';
import { frameMac, keyOf, type OutgoingMessage, recordMessage } from './envelope.ts';
import { createMerge, type MergeStart } from './merge.ts';
import { partitionOfKey } from './partition-of-key.ts';
import { openSoleWriter } from './sole-writer.ts';
import { openTopicReader } from './topic-reader.ts';
import { type TopicScanOptions } from './topic-scan.ts';

/** kafkajs groups the messages of a request in quadratic time: so many cost nothing yet. */
const REQUEST_RECORDS = 512;
/** All of a request may go to one partition, whose batch is bounded. */
const REQUEST_BYTES = 900 * 1024;

/**
 * Claims the topic, so that whoever wrote it before writes nothing more that counts. Messages carry the time of the import,
 * not of the arrival: retention then keeps them as long as new ones. Rejects USAGE when `seq` is not the next one there.
 */
export async function openTopicSink(options: TopicScanOptions, seq: number): Promise<FrameSink> {
  const { topic } = options;
  const reader = await openTopicReader(options, topic);
  try {
    const journal = { topic, reader, mac: createMac(options.key) };
    const merge = createMerge(await placeFor(journal, seq));
    const writer = await openSoleWriter({
      ...journal,
      settings: options,
      mode: 'sole',
      note: `a journal imported by ${hostname()}, process ${process.pid}`,
      merge,
      onRead() {
        while (merge.take() !== undefined);
      },
    });
    if (merge.nextSeq() !== seq || merge.isSharedWaiting()) {
      await writer.close();
      throw refusal(topic, `its next record is seq ${merge.nextSeq()}, not ${seq}`);
    }
    return startSink(journal, writer, seq);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function refusal(topic: string, reason: string): SentinelError {
  return new SentinelError('USAGE', { problem: `topic ${topic}: ${reason}; delete the topic, or give another prefix` });
}

/** Where reading begins; at `seq` itself where nothing was ever written. */
async function placeFor(journal: JournalTopic, seq: number): Promise<MergeStart> {
  const { latest } = await journal.reader.offsets();
  const begin = await beginningOf(journal);
  if (latest.every((end) => end === 0)) return { ...begin, seq };
  const isEmptied = begin.offsets.some((offset, partition) => offset > 0 && offset === latest[partition]);
  if (isEmptied) throw refusal(journal.topic, 'retention has removed records');
  return begin;
}

function startSink(
  { reader, mac }: JournalTopic,
  writer: Awaited<ReturnType<typeof openSoleWriter>>,
  firstSeq: number,
): FrameSink {
  const { epoch } = writer;
  let waiting: OutgoingMessage[] = [];
  let bytes = 0;
  let durable = firstSeq - 1;
  let reached = durable;

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const messages = waiting;
    waiting = [];
    bytes = 0;
    await writer.write(messages);
    durable = reached;
  };

  return {
    async write(frames) {
      const view = viewOf(frames);
      for (let at = 0; at < frames.length; at += frameLength(view, at)) {
        const length = frameLength(view, at);
        if (waiting.length === REQUEST_RECORDS || bytes + length > REQUEST_BYTES) await flush();
        const frame = frames.slice(at, at + length);
        const key = keyOf(takeRecord(frames, view, at, PRIMITIVES));
        const standing = { epoch, after: durable };
        waiting.push({
          ...recordMessage(key, frame, frameMac(mac, standing, frame), standing),
          partition: partitionOfKey(key, reader.partitions),
        });
        bytes += length;
        reached = frameSeq(view, at);
      }
    },
    async close() {
      try {
        await flush();
      } finally {
        await Promise.all([writer.close(), reader.close()]);
      }
    },
  };
}
