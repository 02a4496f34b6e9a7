/** Opens a new time of several writers: whoever wrote the topic before, alone or shared, writes nothing more that counts. */
import { hostname } from 'node:os';
import { type KeyObject } from 'node:crypto';
import { createMac } from '../system/mac.ts';
import { type KafkaSettings } from './client.ts';
import { beginningOf } from './beginning.ts';
import { createMerge } from './merge.ts';
import { openSoleWriter } from './sole-writer.ts';
import { openTopicReader } from './topic-reader.ts';

export interface ClaimOptions extends KafkaSettings {
  readonly topic?: string;
  readonly key: KeyObject;
}

const TOPIC = 'journal';

/**
 * Resolves to the epoch under which instances may write from now on; for whoever restores what they share, before they
 * begin. Reads the whole topic. Throws JOURNAL_CORRUPT and BROKER_UNAVAILABLE.
 */
export async function claimSharedJournal(options: ClaimOptions): Promise<number> {
  const { topic = TOPIC } = options;
  const reader = await openTopicReader(options, topic);
  try {
    const mac = createMac(options.key);
    const merge = createMerge(await beginningOf({ topic, reader, mac }));
    const writer = await openSoleWriter({
      settings: options,
      topic,
      reader,
      mac,
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
