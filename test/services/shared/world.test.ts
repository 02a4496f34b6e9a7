import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config } from '../../../src/config.ts';
import { type DecisionRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { lostThrough } from '../../../src/journal/lost-place.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { type PaymentRequest } from '../../../src/usecases/score-transaction.ts';
import { keptDirectory } from '../../support/directories.ts';
import { openStore } from '../../support/redis-worlds.ts';
import { ownServers, serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { differencesIn, journalOf, openWorld, SILENT, type World } from '../../support/shared-worlds.ts';
import { anInstallation } from '../../support/stream-installations.ts';
import { aTransaction } from '../../support/transactions.ts';

const found = serverAddresses('kafka', 'redis');

const HASH = 'a'.repeat(32);
const aRequest = (transactionId: string, overrides: object = {}): PaymentRequest => {
  const { eventTimeMs: _, ...transaction } = aTransaction({ transactionId, ...overrides });
  return { transaction, requestHash: HASH };
};

const isDecision = (record: JournalRecord): record is DecisionRecord => record.type === 'decision';

if ('missing' in found) {
  it.skip(found.missing);
} else {
  describe('the world several instances share', () => {
    const modelsDir = join(keptDirectory(), 'models');
    const servers = ownServers();
    beforeAll(async () => {
      await trainQuickModel(modelsDir);
      servers.start('redis');
    });
    afterAll(() => servers.stop());

    /** An installation of its own on both servers. */
    const install = (overrides: Readonly<Record<string, string>> = {}): Config =>
      anInstallation(found.address.kafka, servers.address('redis'), modelsDir, { kafkaPartitions: '3', ...overrides });

    /** Retries what is refused while profiles are restored. */
    const eventually = async <T>(work: () => Promise<T>): Promise<T> => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof SentinelError) || error.code !== 'NOT_READY' || tries > 200) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };

    it('loses no answer, leaves no place empty and scores nothing twice when an instance and Redis die', async () => {
      const config = install();
      const [one, two] = [await openWorld(config), await openWorld(config)];
      const answered = new Map<string, DecisionRecord>();
      const score = async (world: World, id: string): Promise<void> => {
        const { decision } = await eventually(() =>
          world.scoring.score(aRequest(id, { merchantId: `m-${id.length}` })),
        );
        answered.set(id, decision);
      };
      for (let i = 0; i < 6; i++) await score(i % 2 === 0 ? one : two, `before-${i}`);
      // Dies between claim and append; the places after its own are filled and answered for.
      const dying = one.createScoring({ append: () => Promise.reject(new Error('killed')) });
      await expect(dying.score(aRequest('lost'))).rejects.toThrow('killed');
      for (let i = 0; i < 4; i++) await score(two, `behind-${i}`);
      // Another is frozen with a record that it appends when all is over.
      let wake: () => void = () => undefined;
      const awake = new Promise<void>((resolve) => (wake = resolve));
      const frozen = one.createScoring({
        append: async (record, epoch) => {
          await awake;
          await one.journal.append(record, epoch);
        },
      });
      const late = frozen.score(aRequest('frozen'));
      late.catch(() => undefined);
      await expect.poll(() => one.store.unfinished(0, 9)).toHaveLength(2);

      servers.kill('redis');
      servers.start('redis');
      for (let i = 0; i < 6; i++) await score(i % 2 === 0 ? one : two, `after-${i}`);
      wake();
      await expect(late).rejects.toMatchObject({ code: 'NOT_READY' });
      for (const id of ['lost', 'frozen', 'last']) await score(two, id);

      const records = await journalOf(one);
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1));
      expect(records.filter(({ type }) => type === 'dead_letter')).toHaveLength(1);
      expect(records.map(lostThrough).filter((seq) => seq !== undefined)).toEqual([13]);
      const decisions = records.filter(isDecision);
      expect(new Set(decisions.map(({ transaction }) => transaction.transactionId)).size).toBe(decisions.length);
      expect(decisions.length).toBe(answered.size);
      for (const decision of decisions) expect(answered.get(decision.transaction.transactionId)).toEqual(decision);
      expect(await differencesIn(records, one)).toEqual([]);
      await Promise.all([one.close(), two.close()]);
    });

    it('waits for processes of another version, and keeps them out until it has closed itself', async () => {
      const config = install();
      const others = await openStore(config.redisUrl, config.redisName);
      await others.state.attend('of before', 'another version', 3_000);
      const told: string[] = [];
      const world = await openWorld(config, { ...SILENT, warn: (_, text) => void told.push(text) });
      expect(told).toContain('instances or workers of another version are here; waiting for them to end');
      expect(await others.state.attend('of before', 'another version', 60_000)).toBe(false);
      await world.close();
      expect(await others.state.attend('of before', 'another version', 60_000)).toBe(true);
      await others.close();
    });
  });
}
