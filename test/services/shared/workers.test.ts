import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { startWorkers } from '../../../src/compose/workers/start-workers.ts';
import { keptDirectory } from '../../support/directories.ts';
import { serverAddresses } from '../../support/servers.ts';
import { aPayment, trainQuickModel } from '../../support/services.ts';
import { SILENT } from '../../support/shared-worlds.ts';
import { anInstallation } from '../../support/stream-installations.ts';

const found = serverAddresses('kafka', 'redis');
const [tlsKeyFile, tlsCertFile] = ['key.pem', 'certificate.pem'].map((name) => join(import.meta.dirname, '../../support/tls', name)) as [string, string]; // prettier-ignore
const CONNECTIONS = 16;

if ('missing' in found) {
  it.skip(found.missing);
} else {
  const { kafka, redis } = found.address;

  describe('workers on one port', () => {
    const modelsDir = join(keptDirectory(), 'models');
    beforeAll(() => trainQuickModel(modelsDir));

    it('all speak TLS with the key and the certificate given', async () => {
      const config = anInstallation(kafka, redis, modelsDir, {
        kafkaPartitions: '3',
        apiWorkers: '2',
        logLevel: 'silent',
        tlsKeyFile,
        tlsCertFile,
      });
      const service = await startWorkers(config, SILENT);
      /** Over a connection of its own, to a server that proves who it is. */
      const call = (path: string, body?: object): Promise<{ readonly status: number; readonly said: string }> =>
        new Promise((resolve, reject) => {
          const asked = request(
            service.url + path,
            { agent: false, ca: readFileSync(tlsCertFile), ...(body && { method: 'POST', headers: { 'content-type': 'application/json' } }) },
            (reply) => void text(reply).then((said) => resolve({ status: reply.statusCode!, said }), reject),
          ); // prettier-ignore
          asked.on('error', reject);
          asked.end(body && JSON.stringify(body));
        });
      const havePaid = async (): Promise<readonly boolean[]> => {
        const { said } = await call('/metrics');
        return ['1', '2'].map((worker) => new RegExp(`^sentinel_http_requests_total{worker="${worker}",route="[^"]*/predict"`, 'm').test(said)); // prettier-ignore
      };
      const pay = async (): Promise<void> => {
        const payments = Array.from({ length: CONNECTIONS }, () => call('/api/v1/predict', aPayment()));
        for (const { status, said } of await Promise.all(payments))
          expect({ status, said }).toMatchObject({ status: 200 });
      };
      try {
        expect(service.url).toMatch(/^https:/);
        expect(await havePaid()).toEqual([false, false]);
        await expect.poll(() => pay().then(havePaid), { timeout: 60_000 }).toEqual([true, true]);
        await expect(fetch(`${service.url.replace('https', 'http')}/readyz`)).rejects.toThrow();
      } finally {
        await service.close();
      }
    });
  });
}
