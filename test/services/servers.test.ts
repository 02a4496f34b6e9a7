/** The real servers as scripts/services starts them: what they are set to, and that they come back as they were. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'iovalkey';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { aDirectory } from '../support/directories.ts';
import { kafkaLine, ownServers, serverAddress, serverAddresses, type OwnServers } from '../support/servers.ts';
import { aTcpProxy } from '../../bench/tcp-proxy.ts';

/** Plain JavaScript, as all of scripts/servers. */
interface KafkaScript {
  properties(directory: string, ports: Readonly<Record<'port' | 'controller' | 'lined' | 'line', number>>): string;
  formatStorage(cluster: string, file: string): void;
}

const STARTED = ['postgres', 'redis', 'kafka'] as const;
const shared = serverAddresses(...STARTED);

const kafkaAt = (broker: string): Kafka =>
  new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 1_000 } });

async function withPostgres<R>(address: string, work: (client: Client) => Promise<R>): Promise<R> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function withRedis<R>(address: string, work: (redis: Redis) => Promise<R>): Promise<R> {
  const redis = new Redis(address, { maxRetriesPerRequest: 3 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

if ('missing' in shared) {
  it.skip(shared.missing);
} else {
  describe('the servers as started', () => {
    it('PostgreSQL has a database of its own, in UTC, and asks for the password', async () => {
      await withPostgres(shared.address.postgres, async (client) => {
        const { rows } = await client.query<Record<string, string>>(
          `select current_database() as database, current_setting('timezone') as zone, current_setting('fsync') as fsync,
                  current_setting('server_encoding') as encoding, datcollate as collation
             from pg_database where datname = current_database()`,
        );
        expect(rows).toEqual([{ database: 'sentinel', zone: 'UTC', fsync: 'on', encoding: 'UTF8', collation: 'C' }]);
      });
      const wrong = new URL(shared.address.postgres);
      wrong.password = 'guess';
      await expect(withPostgres(wrong.href, async () => undefined)).rejects.toThrow('password authentication failed');
    });

    it('Kafka takes any cluster id, also one that begins like an option', async () => {
      const script = new URL('../../scripts/servers/kafka.mjs', import.meta.url).href;
      const { formatStorage, properties } = (await import(script)) as KafkaScript;
      const directory = aDirectory();
      const file = join(directory, 'server.properties');
      writeFileSync(file, properties(directory, { port: 9, controller: 10, lined: 11, line: 12 }));
      formatStorage('-zkO-dmynQ9NYava2Y5qKw', file);
      expect(existsSync(join(directory, 'log', 'meta.properties'))).toBe(true);
    });

    it('Redis throws nothing away, and writes nothing down: Sentinel rebuilds from the journal', async () => {
      await withRedis(shared.address.redis, async (redis) => {
        expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'no']);
        expect(await redis.config('GET', 'save')).toEqual(['save', '']);
        expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
      });
    });

    it('Kafka makes no topic that nobody asked for, and finishes transactions', async () => {
      const kafka = kafkaAt(shared.address.kafka);
      const admin = kafka.admin();
      await admin.connect();
      const topic = `settings-${Date.now()}`;
      const plain = kafka.producer({ retry: { retries: 1 } });
      await plain.connect();
      await expect(plain.send({ topic, messages: [{ value: 'a' }] })).rejects.toThrow('does not host this topic');
      await plain.disconnect();
      expect(await admin.listTopics()).not.toContain(topic);
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: 'a' }] });
      await transaction.commit();
      await producer.disconnect();
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    });

    it('Kafka shows clients that come by the line nothing but the line', async () => {
      const found = kafkaLine();
      if ('missing' in found) throw new Error(found.missing);
      const portOf = (address: string): number => Number(address.split(':')[1]);
      const { line, broker } = found.address;
      const proxy = await aTcpProxy(portOf(broker), portOf(line));
      const admin = kafkaAt(line).admin();
      await admin.connect();
      expect((await admin.describeCluster()).brokers).toMatchObject([{ host: '127.0.0.1', port: portOf(line) }]);
      expect(proxy.connections()).toBeGreaterThan(0);
      await admin.disconnect();
      await proxy.close();
    });
  });

  describe('servers that were killed', () => {
    let own: OwnServers | undefined;
    afterAll(() => own?.stop());

    it('come back on the same ports with everything they had acknowledged, Redis with nothing', async () => {
      own = ownServers();
      own.start(...STARTED);
      const before = STARTED.map(own.address);
      const [postgres, redis, broker] = before as [string, string, string];
      await withPostgres(postgres, (client) => client.query('create table kept as select 42 as answer'));
      await withRedis(redis, (client) => client.set('kept', '42'));
      const admin = kafkaAt(broker).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }] });
      const producer = kafkaAt(broker).producer();
      await producer.connect();
      await producer.send({ topic: 'kept', acks: -1, messages: [{ key: 'k', value: '42' }] });
      await producer.disconnect();
      await admin.disconnect();

      own.kill(...STARTED);
      await expect(withPostgres(postgres, async () => undefined)).rejects.toThrow('ECONNREFUSED');
      own.start(...STARTED);

      expect(STARTED.map(own.address)).toEqual(before);
      const { rows } = await withPostgres(postgres, (client) => client.query('select answer from kept'));
      expect(rows).toEqual([{ answer: 42 }]);
      expect(await withRedis(redis, (client) => client.get('kept'))).toBeNull(); // it is rebuilt from the journal
      const again = kafkaAt(broker).admin();
      await again.connect();
      const offsets = await again.fetchTopicOffsets('kept');
      expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
      await again.disconnect();
    });
  });
}

describe.each(['mlflow', 'prometheus'] as const)('%s', (name) => {
  const found = serverAddress(name);
  if ('missing' in found) {
    it.skip(`needs ${found.missing}`);
    return;
  }
  it('answers at the address given', async () => {
    const path = { mlflow: '/version', prometheus: '/api/v1/targets?state=active' }[name];
    const response = await fetch(found.address + path);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch({ mlflow: /^3\./, prometheus: /"scrapeUrl":"http:\/\/127\.0\.0\.1:8000\/metrics"/ }[name]);
  });
});
