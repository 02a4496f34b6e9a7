import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareTopics } from '../../../src/adapters/kafka/topics.ts';
import { topicFrames } from '../../../src/adapters/kafka/topic-frames.ts';
import { readChainKey } from '../../../src/adapters/segments/chain-key.ts';
import { segmentFrames } from '../../../src/adapters/segments/segment-frames.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { journalKeyOf } from '../../../src/compose/journal-key.ts';
import { type Config } from '../../../src/config.ts';
import { type BackupManifest } from '../../../src/cli/backup.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { takeRecords } from '../../../src/journal/frame.ts';
import { type JournalRecord } from '../../../src/journal/record.ts';
import { type Log } from '../../../src/ports/log.ts';
import { type PaymentRequest } from '../../../src/usecases/score-transaction.ts';
import { moveJournal } from '../../../src/usecases/move-journal.ts';
import { ran } from '../../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../../support/directories.ts';
import { aCopyOf, bytesOf, DIGESTED } from '../../support/journal-copies.ts';
import { messagesOf, removeBelow, send } from '../../support/kafka.ts';
import { serverAddresses } from '../../support/servers.ts';
import { aConfig, aPayment, type Client, trainQuickModel, withService } from '../../support/services.ts';
import { openWorld } from '../../support/shared-worlds.ts';
import { aTransaction } from '../../support/transactions.ts';

const found = serverAddresses('kafka', 'redis');

interface Proof {
  readonly exitCode: number;
  readonly records: number;
  readonly decisions: number;
  readonly problems: number;
  readonly differences: readonly { readonly seq: number; readonly field: string }[];
  readonly storageProblems: readonly { readonly file: string; readonly problem: string }[];
  readonly storage: { readonly firstSeq: number; readonly head: { readonly seq: number }; readonly seals?: number };
}

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const { kafka: broker, redis: redisUrl } = found.address;

  describe('an installation that moves', () => {
    const modelsDir = join(keptDirectory(), 'models');
    beforeAll(() => trainQuickModel(modelsDir));

    interface Installation {
      readonly config: Config;
      /** Runs a command on it. */
      readonly run: <T>(line: string) => Promise<T & { readonly exitCode: number; readonly err: string }>;
      readonly topic: string;
    }

    const anInstallation = (kind: 'segments' | 'kafka' | 'shared', models = modelsDir): Installation => {
      const directory = aDirectory();
      const prefix = `${randomUUID()}.`;
      const kafka = { kafkaBrokers: broker, kafkaTopicPrefix: prefix, kafkaPartitions: '3' };
      const sharing = { redisName: randomUUID() };
      const settings = { ...(kind !== 'segments' && kafka), ...(kind === 'shared' && sharing) };
      const environment: Record<string, string> = kind === 'shared' ? { REDIS_URL: redisUrl, SENTINEL_REDIS_NAME: sharing.redisName } : {}; // prettier-ignore
      const config = aConfig(directory, models, { ...settings, ...(kind === 'shared' && { redisUrl }) });
      const flags = kind === 'segments' ? '' : `--kafka-brokers ${broker} --kafka-topic-prefix ${prefix} --kafka-partitions 3`; // prettier-ignore
      return {
        config,
        topic: `${prefix}journal`,
        async run(line) {
          const places = `--data-dir ${config.dataDir}${/^journal( export|$)/.test(line) ? '' : ` --models-dir ${models}`}`;
          const { out, err, exitCode } = await ran(`${line} ${places} ${flags} --json`, COMMANDS, { environment });
          return { ...(JSON.parse(out) as object), exitCode, err } as never;
        },
      };
    };

    const verified = ({ run }: Installation): Promise<Proof> => run<Proof>('verify');

    const somePayments = async (client: Client, prefix: string, count = 30): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const id = `${prefix}${index}`;
        const payment = aPayment({ transaction_id: id, user_id: `user_${index % 3}`, amount: 10 + index });
        expect((await client.post('/api/v1/predict', payment)).status).toBe(200);
        if (index % 7 === 0) {
          await client.post('/api/v1/labels', { transaction_id: id, is_fraud: true, source: 'chargeback' });
        }
      }
    };

    it('goes to Kafka and back by import and export, served and proved in both', async () => {
      const local = anInstallation('segments');
      await withService(local.config, (client) => somePayments(client, 'local'));
      const journal = join(local.config.dataDir, 'journal');
      const kafka = anInstallation('kafka');
      const { exitCode, records, written } = await kafka.run<{ records: number; written: number }>(`journal import ${journal}`); // prettier-ignore
      expect([exitCode, written]).toEqual([0, records]);
      expect(await kafka.run(`journal import ${journal}`)).toMatchObject({ exitCode: 0, written: 0 });
      expect(await verified(kafka)).toMatchObject({ exitCode: 0, problems: 0, decisions: 30, records });
      await withService(kafka.config, async (client) => {
        const again = await client.post('/api/v1/predict', aPayment({ transaction_id: 'local3', user_id: 'user_0', amount: 13 })); // prettier-ignore
        expect(again.body).toMatchObject({ cached: true });
        await somePayments(client, 'kafka', 10);
      });
      const proof = await verified(kafka);
      expect(proof).toMatchObject({ exitCode: 0, problems: 0, decisions: 40 });
      expect(await kafka.run('journal')).toMatchObject({ partitions: 3, records: { decision: 40 }, problems: 0 });
      const refused = await kafka.run(`journal import ${journal}`);
      expect(refused).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });

      const archive = join(aDirectory(), 'archive');
      expect(await kafka.run(`journal export ${archive}`)).toMatchObject({ exitCode: 0, lastSeq: proof.records });
      const back = anInstallation('segments');
      const key = join(kafka.config.dataDir, 'journal.key');
      expect(await back.run(`journal import ${archive} --key ${key}`)).toMatchObject({ written: proof.records });
      expect(await verified(back)).toMatchObject({ exitCode: 0, problems: 0, decisions: 40, records: proof.records });
      await withService(back.config, (client) => somePayments(client, 'back', 5));
      expect(await verified(back)).toMatchObject({ exitCode: 0, decisions: 45 });
    });

    it('is backed up on Kafka while it runs, and restored there and into segments with all that belongs to it', async () => {
      const kafka = anInstallation('kafka');
      await withService(kafka.config, (client) => somePayments(client, 'first'));
      const backup = join(aDirectory(), 'backup');
      const saved = await withService(kafka.config, async (client) => {
        const going = somePayments(client, 'meanwhile', 20);
        const manifest = await kafka.run<BackupManifest>(`backup ${backup}`);
        await going;
        return manifest;
      });
      expect(saved).toMatchObject({ exitCode: 0, journal: { firstSeq: 1 } });
      expect(saved.journal.lastSeq).toBeGreaterThanOrEqual(30);
      expect(Object.keys(saved.files).filter((name) => name.startsWith('snapshots/'))).toHaveLength(1);
      expect(readFileSync(join(backup, 'settings.json'), 'utf8')).toContain(broker);

      const models = join(aDirectory(), 'models');
      for (const kind of ['kafka', 'segments', 'shared'] as const) {
        const there = anInstallation(kind, join(models, kind));
        expect(await there.run(`restore ${backup}`)).toMatchObject({ exitCode: 0, movedAside: [] });
        const proof = await verified(there);
        expect(proof).toMatchObject({ exitCode: 0, problems: 0, records: saved.journal.records });
        for (const part of ['token.key', 'snapshots']) expect(existsSync(join(there.config.dataDir, part))).toBe(true);
        if (kind === 'shared') {
          const told: object[] = [];
          const world = await openWorld(there.config, tellInto(told));
          expect(inspect(told)).not.toContain('of another journal'); // the snapshot was taken for what it is
          const { decision } = await world.scoring.score(aRequest('after'));
          expect(decision.seq).toBeGreaterThan(saved.journal.lastSeq);
          await world.close();
        } else {
          const told: object[] = [];
          await withService(there.config, (client) => somePayments(client, `on-${kind}`, 3), tellInto(told));
          expect(told).toContainEqual(expect.objectContaining({ snapshotSeq: snapshotSeqIn(saved) }));
        }
        expect(await verified(there)).toMatchObject({ exitCode: 0, problems: 0 });
      }
    });

    it('is backed up where several instances write it, and restored for several and for one', async () => {
      const shared = anInstallation('shared');
      const [one, two] = [await openWorld(shared.config), await openWorld(shared.config)];
      for (let index = 0; index < 20; index += 1) {
        await (index % 2 === 0 ? one : two).scoring.score(aRequest(`t${index}`, { merchantId: `m${index % 2}` }));
      }
      await one.labels.record({ transactionId: 't3', isFraud: true, source: 'analyst' });
      expect(await verified(shared)).toMatchObject({ exitCode: 0, problems: 0, decisions: 20 });
      const backup = join(aDirectory(), 'backup');
      const saved = await shared.run<BackupManifest>(`backup ${backup}`);
      expect(saved).toMatchObject({ exitCode: 0 });
      await Promise.all([one.close(), two.close()]);
      const models = join(aDirectory(), 'models');
      for (const kind of ['shared', 'kafka', 'segments'] as const) {
        const there = anInstallation(kind, join(models, kind));
        expect(await there.run(`restore ${backup}`)).toMatchObject({ exitCode: 0 });
        expect(await verified(there)).toMatchObject({ exitCode: 0, decisions: 20, records: saved.journal.records });
      }
    });

    it('replaces nothing unasked, and nothing that is on Kafka', async () => {
      const kafka = anInstallation('kafka', join(aDirectory(), 'models'));
      const local = anInstallation('segments');
      await withService(local.config, (client) => somePayments(client, 'x', 3));
      const backup = join(aDirectory(), 'backup');
      await local.run(`backup ${backup}`);
      expect(await kafka.run(`restore ${backup}`)).toMatchObject({ exitCode: 0 });
      expect(await kafka.run(`restore ${backup}`)).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
      expect(await kafka.run(`restore ${backup} --yes`)).toMatchObject({ exitCode: 0 });
      await withService(kafka.config, (client) => somePayments(client, 'y', 1));
      const refused = await kafka.run(`restore ${backup} --yes`);
      expect(refused).toMatchObject({ exitCode: 2, error: { code: 'USAGE' } });
      expect(await verified(kafka)).toMatchObject({ exitCode: 0, decisions: 4 });
    });

    it('is found out when a decision was forged with the key, by one instance and among several', async () => {
      const forge = (record: JournalRecord): JournalRecord => {
        if (record.type !== 'decision') return record;
        const vector = record.vector!.slice();
        new BigUint64Array(vector.buffer)[0]! ^= 1n;
        return { ...record, vector };
      };
      const local = anInstallation('segments');
      await withService(local.config, (client) => somePayments(client, 'x', 6));
      const journal = segmentFrames({
        directory: join(local.config.dataDir, 'journal'),
        key: (await readChainKey(join(local.config.dataDir, 'journal', 'chain.key')))!,
      });
      const records = takeRecords(await bytesOf(journal), PRIMITIVES);
      const { seq } = records.findLast(({ type }) => type === 'decision')!;
      const kafka = anInstallation('kafka');
      const key = journalKeyOf(kafka.config);
      await prepareTopics({ brokers: [broker], prefix: kafka.topic.replace(/journal$/, ''), labelDelayMs: 7 * DAY_MS });
      const topic = topicFrames({ brokers: [broker], topic: kafka.topic, key: key.key });
      await moveJournal(
        aCopyOf(records.map((record) => (record.seq === seq ? forge(record) : record))),
        topic,
        DIGESTED,
      );
      expect(await verified(kafka)).toMatchObject({
        exitCode: 1,
        storageProblems: [],
        differences: [{ seq, field: 'amount' }],
      });

      const shared = anInstallation('shared');
      const world = await openWorld(shared.config);
      for (let index = 0; index < 5; index += 1) await world.scoring.score(aRequest(`t${index}`));
      const forging = world.createScoring({ append: (record, epoch) => world.journal.append(forge(record), epoch) });
      const { decision } = await forging.score(aRequest('forged'));
      await world.scoring.score(aRequest('after'));
      await world.close();
      const proof = await verified(shared);
      expect(proof).toMatchObject({
        exitCode: 1,
        storageProblems: [],
        differences: [{ seq: decision.seq, field: 'amount' }],
      });
    });

    it('is found out when a message was put in or taken out', async () => {
      const kafka = anInstallation('kafka');
      await withService(kafka.config, (client) => somePayments(client, 'x', 12));
      const backup = join(aDirectory(), 'backup');
      await kafka.run(`backup ${backup}`);
      const there = anInstallation('kafka', join(aDirectory(), 'models'));
      await there.run(`restore ${backup}`);
      expect((await verified(there)).storage.seals).toBeGreaterThan(0);
      await send(broker, there.topic, [{ key: 'x', value: 'something' }]);
      const put = await verified(there);
      expect(put.exitCode).toBe(1);
      expect(put.storageProblems).toMatchObject([{ problem: 'the message is no journal record' }]);
      const [first] = await messagesOf(broker, kafka.topic);
      await removeBelow(broker, kafka.topic, first!.partition, first!.offset + 3);
      const taken = await verified(kafka);
      expect(taken).toMatchObject({ exitCode: 1 });
      expect(taken.storage.firstSeq).toBeGreaterThan(1);
    });
  });
}

const aRequest = (transactionId: string, overrides: object = {}): PaymentRequest => {
  const { eventTimeMs: _, ...transaction } = aTransaction({ transactionId, ...overrides });
  return { transaction, requestHash: 'a'.repeat(32) };
};

/** A log that keeps the facts of what it is told. */
const tellInto = (told: object[]): Log => ({
  info: (facts) => told.push(facts),
  warn: () => undefined,
  error: () => undefined,
});

const snapshotSeqIn = ({ files }: BackupManifest): number =>
  Number(/snapshots\/snapshot-(\d+)\.bin/.exec(Object.keys(files).join('\n'))![1]);
