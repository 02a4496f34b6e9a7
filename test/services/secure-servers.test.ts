/** Kafka and Redis that let in only who comes through TLS with the right password. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, startProcess } from '../faults/service/service-process.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { CERTIFICATE, type SecureServers, startSecureServers } from '../support/secure-servers.ts';
import { serverAddresses } from '../support/servers.ts';
import { aClient, aPayment, trainQuickModel } from '../support/services.ts';

const found = serverAddresses('kafka', 'redis');

if ('missing' in found) {
  it.skip(found.missing);
} else {
  describe('servers behind TLS and passwords', () => {
    const directory = keptDirectory();
    const modelsDir = join(directory, 'models');
    let servers: SecureServers | undefined;
    let running: ServiceProcess | undefined;

    beforeAll(async () => {
      execFileSync(join(import.meta.dirname, '../../sentinel'), ['--version']); // builds what has changed
      await trainQuickModel(modelsDir);
      servers = await startSecureServers(directory);
    });
    afterEach(() => {
      running?.child.kill('SIGKILL');
      running = undefined;
    });
    afterAll(() => servers?.stop());

    const start = async (overrides: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> => {
      running = await startProcess([], {
        environment: {
          SENTINEL_DATA_DIR: aDirectory(),
          SENTINEL_MODELS_DIR: modelsDir,
          NODE_EXTRA_CA_CERTS: CERTIFICATE,
          KAFKA_BROKERS: servers!.broker,
          KAFKA_TOPIC_PREFIX: `${randomUUID()}.`,
          KAFKA_SSL: 'true',
          KAFKA_USERNAME: servers!.user,
          KAFKA_PASSWORD: servers!.password,
          REDIS_URL: servers!.redis,
          SENTINEL_REDIS_NAME: randomUUID(),
          ...overrides,
        },
      });
      return running;
    };

    it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('take and remember payments, by %s', async (mechanism) => {
      const { url, child, ended } = await start({ KAFKA_SASL_MECHANISM: mechanism });
      const client = aClient(url);
      const payment = aPayment({ transaction_id: 'tx-1' });
      const first = await client.post('/api/v1/predict', payment);
      expect(first).toMatchObject({ status: 200, body: { transaction_id: 'tx-1', cached: false } });
      expect((await client.post('/api/v1/predict', payment)).body).toMatchObject({
        transaction_id: 'tx-1',
        cached: true,
      });
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    });

    it('name what they refuse', async () => {
      const { password, redis } = servers!;
      const wrong = password.replace(/./, (first) => (first === 'a' ? 'b' : 'a'));
      await expect(start({ KAFKA_PASSWORD: wrong })).rejects.toThrow(/Kafka at .*authentication/i);
      await expect(start({ REDIS_URL: redis.replace(password, wrong) })).rejects.toThrow(/Redis at .*WRONGPASS/);
      await expect(start({ NODE_EXTRA_CA_CERTS: '', KAFKA_SSL: 'true' })).rejects.toThrow(
        /Kafka at .*self-signed certificate/,
      );
      await expect(start({ REDIS_URL: redis.replace('rediss', 'redis') })).rejects.toThrow(/Redis at/);
    });
  });
}
