import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { prepareTopics } from '../../../src/adapters/kafka/topics.ts';
import { writeTransactions } from '../../../src/adapters/duckdb/write-transactions.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { createSimulation } from '../../../src/simulation/simulation.ts';
import { simulationOf } from '../../../src/simulation/scale.ts';
import { collector, ran } from '../../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../../support/directories.ts';
import { messagesOf, send } from '../../support/kafka.ts';
import { ownServers, serverAddresses } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { aPayment } from '../../support/streams.ts';

const found = serverAddresses('kafka', 'redis');

interface WorkLine {
  readonly state: string;
  readonly lag: number | null;
  readonly handled: number;
  readonly dead: number;
  readonly partitions: number;
}
interface Listed {
  readonly letters: readonly { readonly place: string; readonly reason: string; readonly value: string }[];
  readonly next: string | null;
}

if ('missing' in found) {
  it.skip(found.missing);
} else {
  describe('the commands of the stream', () => {
    const { kafka: broker } = found.address;
    const modelsDir = join(keptDirectory(), 'models');
    const servers = ownServers();
    beforeAll(async () => {
      await trainQuickModel(modelsDir);
      servers.start('redis');
    });
    afterAll(() => servers.stop());

    const install = async () => {
      const name = randomUUID();
      const environment = {
        KAFKA_BROKERS: broker,
        KAFKA_TOPIC_PREFIX: `${name}.`,
        SENTINEL_KAFKA_GROUP: name,
        SENTINEL_KAFKA_PARTITIONS: '2',
        REDIS_URL: servers.address('redis'),
        SENTINEL_REDIS_NAME: name,
        LOG_LEVEL: 'silent',
      };
      await prepareTopics({ brokers: [broker], prefix: `${name}.`, labelDelayMs: 7 * DAY_MS, partitions: 2 });
      return { prefix: `${name}.`, around: { environment } };
    };

    /** Runs `sentinel work` until it has handled so much, then ends it as SIGTERM does. */
    const workUntil = async (
      around: { readonly environment: Readonly<Record<string, string>> },
      holds: (line: WorkLine) => boolean,
      words = '',
    ): Promise<{ readonly exitCode: number; readonly last: WorkLine; readonly err: string }> => {
      const stopping = new AbortController();
      const out = collector();
      const lines = (): WorkLine[] => out.text().split('\n').filter(Boolean).map((line) => JSON.parse(line) as WorkLine); // prettier-ignore
      const line = `work --json --data-dir ${join(aDirectory(), 'data')} --models-dir ${modelsDir} ${words}`;
      const ended = ran(line, COMMANDS, { ...around, signal: stopping.signal, out: out.stream });
      while (!lines().some(holds)) await Promise.race([sleep(100), ended.then((end) => Promise.reject(new Error(end.err)))]); // prettier-ignore
      stopping.abort();
      const { exitCode, err } = await ended;
      return { exitCode, last: lines().at(-1)!, err };
    };

    it('work: decides, says how it stands each second, and ends tidily', async () => {
      const { prefix, around } = await install();
      const payments = ['a', 'b', 'c'].map((id) => ({ key: 'u1', value: JSON.stringify(aPayment(id)) }));
      await send(broker, `${prefix}transactions`, payments);
      const { exitCode, last, err } = await workUntil(around, ({ handled, lag }) => handled === 3 && lag === 0, '--at-least-once'); // prettier-ignore
      expect(exitCode).toBe(0);
      expect(last).toMatchObject({ state: 'running', handled: 3, dead: 0, partitions: 4 });
      expect(err).toContain('at least once');
      expect(await messagesOf(broker, `${prefix}decisions`)).toHaveLength(3);
    });

    it('dlq: lists by page and filter, and sends each letter again at most once', async () => {
      const { prefix, around } = await install();
      await send(broker, `${prefix}transactions`, [
        { key: 'u1', value: '{"user_id": "4111111111111111' },
        { key: 'u1', value: JSON.stringify(aPayment('a', { amount: 'much' })) },
        { key: 'u1', value: JSON.stringify(aPayment('b', { amount: 'more' })) },
      ]);
      await workUntil(around, ({ dead }) => dead === 3);
      const list = async (words = ''): Promise<Listed> =>
        JSON.parse((await ran(`dlq --json ${words}`, COMMANDS, around)).out) as Listed;
      const first = await list('--limit 2');
      expect(first.letters.map(({ reason }) => reason)).toEqual(['INVALID_JSON', 'INVALID_REQUEST']);
      expect(first.letters[0]!.value).not.toContain('4111111111111111');
      const rest = await list(`--limit 2 --after ${first.next}`);
      expect(rest).toMatchObject({ letters: [{ reason: 'INVALID_REQUEST' }], next: null });
      expect((await list('--reason INVALID_REQUEST --topic transactions')).letters).toHaveLength(2);
      expect((await list('--topic labels')).letters).toEqual([]);

      const again = (words: string): ReturnType<typeof ran> => ran(`dlq replay --json ${words}`, COMMANDS, around);
      const one = rest.letters[0]!.place;
      expect((await again(one)).out).toBe('{"sent":1}\n');
      expect((await again(one)).out).toBe('{"sent":0}\n');
      const none = await again(`${one} 0:999 --topic transactions`);
      expect(none).toMatchObject({ exitCode: 1, out: '{"sent":0,"notFound":["0:999"]}\n' });
      expect((await again('')).exitCode).toBe(2);
      expect((await again('--all --reason INVALID_JSON')).out).toBe('{"sent":1}\n');
      expect((await list()).letters).toHaveLength(1);
      expect((await list('--all')).letters).toHaveLength(3);
      expect(await messagesOf(broker, `${prefix}transactions`)).toHaveLength(5);
      expect((await ran('dlq', COMMANDS, around)).out).toContain('INVALID_REQUEST');
    });

    it('dlq: shows a message on one line, without what a terminal would obey', async () => {
      const { prefix, around } = await install();
      await send(broker, `${prefix}transactions`, [{ key: 'u1', value: 'no\r\n9:9  \u001b[2Jpayment\u202e' }]);
      await workUntil(around, ({ dead }) => dead === 1);
      const { out } = await ran('dlq', COMMANDS, around);
      expect(out.split('\n')[2]).toBe(String.raw`    no 9:9 \u{1b}[2Jpayment\u{202e}`);
    });

    it('replay --to kafka: sends a data set, labels behind their payments, or simulated payments in a loop', async () => {
      const { prefix, around } = await install();
      const file = join(aDirectory(), 'payments.parquet');
      await writeTransactions(file, createSimulation(simulationOf({ transactions: 400, users: 40, fraudShare: 0.1, seed: 2 }))); // prettier-ignore
      const result = await ran(`replay --json --to kafka --flat-out --keep-times --data ${file}`, COMMANDS, around);
      expect(JSON.parse(result.out)).toMatchObject({ to: 'kafka', payments: 400, rounds: 1 });
      const labels = await messagesOf(broker, `${prefix}labels`);
      expect(labels.length).toBeGreaterThan(10);
      expect(JSON.parse(result.out)).toMatchObject({ labels: labels.length });
      expect(await messagesOf(broker, `${prefix}transactions`)).toHaveLength(400);

      const stopping = new AbortController();
      const looping = ran('replay --json --to kafka --rate 200 --loop', COMMANDS, {
        ...around,
        signal: stopping.signal,
      });
      while ((await messagesOf(broker, `${prefix}transactions`)).length < 450) await sleep(100);
      stopping.abort();
      expect((await looping).exitCode).toBe(0);
      expect((await ran('replay --loop', COMMANDS, around)).exitCode).toBe(2);
      expect((await ran('replay --to kafka --in-process', COMMANDS, around)).err).toContain('--to and --in-process');
      expect((await ran('replay --to kafka --flat-out --speed-up 2', COMMANDS, around)).exitCode).toBe(2);
    });

    it('doctor: names a topic that is missing, whatever else it has to say of the cluster', async () => {
      const { prefix, around } = await install();
      const admin = createKafka({ brokers: [broker] }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [`${prefix}labels`] });
      await admin.disconnect();
      const { out } = await ran(`doctor --data-dir ${join(aDirectory(), 'data')} --models-dir ${modelsDir}`, COMMANDS, around); // prettier-ignore
      const line = out.split('\n').find((each) => each.includes('  kafka  '));
      expect(line).toContain(`the next start makes ${prefix}labels`);
    });
  });
}
