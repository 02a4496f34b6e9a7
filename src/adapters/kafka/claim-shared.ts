/** Opens a new time of several writers: whoever wrote the topic before, alone or shared, writes nothing more that counts. */
import { hostname } from 'node:os';
import { type KeyObject } from 'node:crypto';
import { createMac } from '../system/mac.ts';
import { createKafka, type KafkaSettings } from './client.ts';
import { createMerge } from './merge.ts';
import { openSoleWriter } from './sole-writer.ts';
import { openTopicReader } from './topic-reader.ts';

export interface ClaimOptions extends KafkaSettings {
  readonly topic?: string;
  readonly key: KeyObject;
  readonly patienceMs?: number;
}

const TOPIC = 'journal';
const PATIENCE_MS = 30_000;
const RETRIES = 60;

/**
 * Resolves to the epoch under which instances may write from now on; for whoever restores what they share, before they
 * begin. Reads the whole topic. Throws JOURNAL_CORRUPT and JOURNAL_UNAVAILABLE.
 */
export async function claimSharedJournal(options: ClaimOptions): Promise<number> {
  const { topic = TOPIC, patienceMs = PATIENCE_MS } = options;
  const kafka = createKafka(options, RETRIES);
  const reader = await openTopicReader(kafka, topic, patienceMs);
  try {
    const { earliest } = await reader.offsets();
    const merge = createMerge({ seq: 1, epoch: 0, offsets: earliest, claims: earliest.map(() => 0) });
    const writer = await openSoleWriter({
      topic,
      reader,
      kafka,
      mac: createMac(options.key),
      patienceMs,
      mode: 'shared',
      note: `several instances, for ${hostname()}, process ${process.pid}`,
      merge,
      onRead() {
        while (merge.take() !== undefined);
      },
    });
    await writer.close();
    return writer.epoch;
  } finally {
    await reader.close();
  }
}
