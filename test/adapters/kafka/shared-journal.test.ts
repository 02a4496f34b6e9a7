import { expect, it } from 'vitest';
import { sharedJournalThrough } from '../../../src/adapters/kafka/shared-journal.ts';
import { type TopicReader } from '../../../src/adapters/kafka/topic-reader.ts';
import { JOURNAL_KEY } from '../../support/kafka.ts';

it.each(['offsets', 'fetch'] as const)(
  'closes its reader when the brokers go away before it has read (%s)',
  async (asked) => {
    let closed = 0;
    const gone = (): Promise<never> => Promise.reject(new Error('gone'));
    const reader: TopicReader = {
      partitions: 1,
      offsets: () => (asked === 'offsets' ? gone() : Promise.resolve({ earliest: [0], latest: [1] })),
      offsetsAt: gone,
      fetch: gone,
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    };
    await expect(sharedJournalThrough(reader, { key: JOURNAL_KEY.key, nowMs: () => 0 })).rejects.toThrow('gone');
    expect(closed).toBe(1);
  },
);
