import { describe, expect, it } from 'vitest';
import { topicsPresent } from '../../../src/adapters/kafka/topics.ts';

/** Fails as the client does when it knew brokers and none of them answers. */
function adminAfter(failures: number): { listTopics(): Promise<string[]> } {
  let left = failures;
  return {
    listTopics: () =>
      left-- > 0
        ? Promise.reject(new TypeError("Cannot read properties of null (reading 'topicMetadata')"))
        : Promise.resolve(['journal', 'seals']),
  };
}

describe('the topics present', () => {
  it('are asked for again when all brokers went away meanwhile', async () => {
    expect(await topicsPresent(adminAfter(2), 10_000)).toEqual(new Set(['journal', 'seals']));
  });

  it('are given up when patience ends, and at once for what else goes wrong', async () => {
    await expect(topicsPresent(adminAfter(Infinity), 300)).rejects.toThrow('topicMetadata');
    const denied = { listTopics: () => Promise.reject(new Error('denied')) };
    await expect(topicsPresent(denied, 10_000)).rejects.toThrow('denied');
  });
});
