/** Every setting of the composed service changes something that a caller can see. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { openSegmentJournal } from '../../src/adapters/segments/journal.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { createFileTracking, runsFolder } from '../../src/adapters/tracking-files/tracking.ts';
import { type Config, type SettingName } from '../../src/config.ts';
import { ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { recordsOf } from '../support/journals.ts';
import { FACTS } from '../support/runs.ts';
import { aConfig, aPayment, type Client, startQuiet, trainQuickModel, withService } from '../support/services.ts';

const directory = keptDirectory();
const modelsDir = join(directory, 'models');
const BAD_KEYS = join(directory, 'keys.json');
beforeAll(async () => {
  writeFileSync(BAD_KEYS, JSON.stringify([{ name: 'a', role: 'admin', hash: 'secret' }]));
  await trainQuickModel(modelsDir);
}, 60_000);

const withSettings = <R>(
  flags: Partial<Record<SettingName, string>>,
  work: (client: Client, dataDir: string) => Promise<R>,
): Promise<R> => {
  const config = aConfig(aDirectory(), modelsDir, flags);
  return withService(config, (client) => work(client, config.dataDir));
};

describe('the limits', () => {
  it('of a body and of a batch are those configured', async () => {
    await withSettings({ bodyLimitBytes: '1024', batchLimitBytes: '4096' }, async (client) => {
      const wide = aPayment({ attributes: { note: 'x'.repeat(900) } });
      expect((await client.post('/api/v1/predict', wide)).body).toMatchObject({ code: 'BODY_TOO_LARGE' });
      expect((await client.post('/api/v1/predict', aPayment())).status).toBe(200);
      const few = Array.from({ length: 8 }, () => aPayment());
      expect((await client.post('/api/v1/predict/batch', { transactions: few })).status).toBe(200);
      const many = Array.from({ length: 50 }, () => aPayment());
      expect((await client.post('/api/v1/predict/batch', { transactions: many })).status).toBe(413);
    });
  });

  it('of calls a second is kept when there is one', async () => {
    await withSettings({ rateLimitPerSecond: '5' }, async (client) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.post('/api/v1/predict', aPayment())));
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
      expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    });
  });
});

const TLS_FILES = join(import.meta.dirname, '../support', 'tls');

/** A pair of files of which one or both are no good. */
function aBadPair(
  key: string | undefined,
  certificate: string | undefined,
): readonly [key: string, certificate: string] {
  const directory = aDirectory();
  const file = (name: string, content: string | undefined): string => {
    if (content === undefined) return join(TLS_FILES, name);
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  return [file('key.pem', key), file('certificate.pem', certificate)];
}

function aKey(passphrase?: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lock = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...lock }).toString();
}

const TLS_PROBLEMS = [
  ['a key that is none', () => aBadPair('hello', undefined), /key\.pem: is no private key in PEM without a passphrase \(unsupported\)/],
  ['a key behind a passphrase', () => aBadPair(aKey('secret'), undefined), /key\.pem: is no private key in PEM without a passphrase \(.+\)/],
  ['a certificate that is none', () => aBadPair(undefined, 'hello'), /certificate\.pem: is no certificate in PEM \(no start line\)/],
  ['a key in place of the certificate', () => aBadPair(undefined, aKey()), /certificate\.pem: is no certificate in PEM \(no start line\)/],
  ['the key of another', () => aBadPair(aKey(), undefined), /key\.pem and .*certificate\.pem: do not belong together \(key \w+ mismatch\)/],
  ['a directory', () => [TLS_FILES, TLS_FILES] as const, /tls: is a directory/],
] as const; // prettier-ignore

describe('TLS', () => {
  it.each(TLS_PROBLEMS)('refuses %s before anything is made, and doctor says so', async (_, files, problem) => {
    const [tlsKeyFile, tlsCertFile] = files();
    const config = aConfig(aDirectory(), modelsDir, { tlsKeyFile, tlsCertFile });
    await expect(startQuiet(config)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(problem) as string }); // prettier-ignore
    expect(existsSync(config.dataDir)).toBe(false);
    const empty = join(aDirectory(), 'none');
    const environment = {
      SENTINEL_TLS_KEY_FILE: tlsKeyFile,
      SENTINEL_TLS_CERT_FILE: tlsCertFile,
      SENTINEL_DATA_DIR: join(empty, 'data'),
      SENTINEL_MODELS_DIR: join(empty, 'models'),
      PORT: '0',
    };
    const up = await ran('up', COMMANDS, { environment });
    expect({ exitCode: up.exitCode, isMade: existsSync(empty) }).toEqual({ exitCode: 2, isMade: false });
    expect(up.err).toMatch(problem);
    const { checks } = JSON.parse((await ran('doctor --json', COMMANDS, { environment })).out) as {
      readonly checks: readonly { readonly name: string }[];
    };
    expect(checks.find(({ name }) => name === 'exposure')).toMatchObject({ status: 'fail', finding: expect.stringMatching(problem) as string }); // prettier-ignore
  });

  it('is spoken with the key and the certificate given', async () => {
    const [tlsKeyFile, tlsCertFile] = ['key.pem', 'certificate.pem'].map((name) => join(TLS_FILES, name));
    const service = await startQuiet(aConfig(aDirectory(), modelsDir, { tlsKeyFile: tlsKeyFile!, tlsCertFile: tlsCertFile! })); // prettier-ignore
    try {
      expect(service.url).toMatch(/^https:/);
      const status = await new Promise((resolve, reject) => {
        get(`${service.url}/readyz`, { rejectUnauthorized: false }, ({ statusCode }) => resolve(statusCode)).on('error', reject); // prettier-ignore
      });
      expect(status).toBe(200);
    } finally {
      await service.close();
    }
  });

  it('is refused at start when a file is missing', async () => {
    const config = aConfig(aDirectory(), modelsDir, {
      tlsKeyFile: '/nowhere/key',
      tlsCertFile: '/nowhere/certificate',
    });
    await expect(startQuiet(config)).rejects.toThrow('/nowhere/key: there is no such file');
    expect(existsSync(join(config.dataDir, 'journal'))).toBe(false);
  });
});

describe('the ledger', () => {
  it('is kept by default and disabled when switched off', async () => {
    await withSettings({ ledger: 'true' }, async (client, dataDir) => {
      expect(existsSync(join(dataDir, 'ledger'))).toBe(true);
      const { database_status: status } = (await client.get('/health')).body;
      expect(['degraded', 'connected']).toContain(status); // a new one takes some seconds to open
    });
    await withSettings({ ledger: 'false' }, async (client, dataDir) => {
      expect(existsSync(join(dataDir, 'ledger'))).toBe(false);
      expect((await client.get('/health')).body).toMatchObject({ status: 'healthy', database_status: 'disabled' });
      expect((await client.get('/api/v1/stats')).body).toMatchObject({ code: 'NOT_READY' });
    });
  });
});

describe('the rest', () => {
  it('replaces card numbers in ids by a token that hangs on the key', async () => {
    const idWith = (tokenKey: string): Promise<unknown> =>
      withSettings({ tokenKey }, async (client) => {
        const { body } = await client.post('/api/v1/predict', aPayment({ transaction_id: '4111111111111111' }));
        return body.transaction_id;
      });
    const [key, another] = ['secret-1'.repeat(4), 'secret-2'.repeat(4)];
    const [one, again, other] = [await idWith(key), await idWith(key), await idWith(another)];
    expect(one).toBe(again);
    expect(one).not.toBe(other);
    expect(String(one)).not.toContain('4111111111111111');
  });

  it('rejects a start when no model is in production, and leaves the directory usable', async () => {
    const config = aConfig(aDirectory(), join(aDirectory(), 'none'));
    await expect(startQuiet(config)).rejects.toThrow('no model is in production');
    await withService({ ...config, modelsDir }, async (client) => {
      expect((await client.post('/api/v1/predict', aPayment())).status).toBe(200);
    });
  });

  it('writes a snapshot at the end, so that the next start replays nothing', async () => {
    const config = aConfig(aDirectory(), modelsDir);
    await withService(config, (client) => client.post('/api/v1/predict', aPayment()));
    expect(readdirSync(join(config.dataDir, 'snapshots')).some((name) => name.startsWith('snapshot-'))).toBe(true);
    const journal = await openSegmentJournal({ directory: join(config.dataDir, 'journal'), segmentBytes: 2 ** 20 });
    const records = await recordsOf(journal);
    await journal.close();
    expect(records.map(({ type }) => type)).toEqual(['change', 'change', 'decision']);
  });

  it('ends in order, and knows everything again, when no snapshot can be written', async () => {
    const config = aConfig(aDirectory(), modelsDir);
    const payment = aPayment({ transaction_id: 'p1' });
    await withService(config, async (client) => {
      await client.post('/api/v1/predict', payment);
      rmSync(join(config.dataDir, 'snapshots'), { recursive: true });
      writeFileSync(join(config.dataDir, 'snapshots'), 'in the way');
    });
    rmSync(join(config.dataDir, 'snapshots'));
    await withService(config, async (client) => {
      expect((await client.post('/api/v1/predict', payment)).body).toMatchObject({ cached: true });
    });
  });

  it('puts training runs on record once, and verify proves what follows', async () => {
    const models = join(aDirectory(), 'models');
    await trainQuickModel(models);
    const run = await createFileTracking(runsFolder(models), systemClock).start(FACTS);
    await run.finish({ status: 'failed', problem: 'no frauds' });
    const config = aConfig(aDirectory(), models);
    for (let start = 0; start < 2; start++) await withService(config, (client) => client.post('/api/v1/predict', aPayment())); // prettier-ignore
    const journal = await openSegmentJournal({ directory: join(config.dataDir, 'journal'), segmentBytes: 2 ** 20 });
    const changes = (await recordsOf(journal)).filter((record) => record.type === 'change');
    await journal.close();
    expect(changes.filter(({ subject }) => subject === 'run')).toMatchObject([{ version: run.id, actor: FACTS.user }]);
    const { out } = await ran(`verify --data-dir ${config.dataDir} --models-dir ${models} --json`, COMMANDS);
    expect(JSON.parse(out)).toMatchObject({ decisions: 2, problems: 0 });
  });

  it('folds the journal anew for a model with other feature settings, and verify proves both parts', async () => {
    const both = join(aDirectory(), 'models');
    const config = { ...aConfig(aDirectory(), both), modelsDir: both };
    for (const [index, utcOffsetMinutes] of [0, 600].entries()) {
      await trainQuickModel(both, { utcOffsetMinutes });
      await withService(config, async (client) => {
        for (const id of ['a', 'b', 'c']) {
          await client.post('/api/v1/predict', aPayment({ transaction_id: `${id}${index}` }));
        }
        expect((await client.get('/api/v1/decisions/a0')).body).toMatchObject({ transaction_id: 'a0' });
      });
    }
    const { out } = await ran(`verify --data-dir ${config.dataDir} --models-dir ${both} --json`, COMMANDS);
    expect(JSON.parse(out)).toMatchObject({ decisions: 6, problems: 0 });
  });
});

describe('a policy file', () => {
  const withPolicy = (text: string): Config => {
    const policyFile = join(aDirectory(), 'policy.yaml');
    writeFileSync(policyFile, text);
    return aConfig(aDirectory(), modelsDir, { policyFile });
  };
  const thresholdsUnder = async (config: Config): Promise<unknown> => {
    let thresholds: unknown;
    await withService(config, async (client) => {
      const { body } = await client.get('/api/v1/model/info');
      ({ thresholds } = body as { readonly thresholds: unknown });
    });
    return thresholds;
  };

  it('that only adds a rule or a list leaves the thresholds of the model in force', async () => {
    const own = await thresholdsUnder(aConfig(aDirectory(), modelsDir));
    expect(own).not.toEqual({ review: 0.5, block: 0.7 });
    expect(
      await thresholdsUnder(withPolicy('rules: [{ id: a, when: amount < 0, outcome: tag, reason: a }]\n')),
    ).toEqual(own);
    expect(await thresholdsUnder(withPolicy('thresholds: { block: 1 }\n'))).toEqual({ ...(own as object), block: 1 });
  });

  it('that lists a card number is refused: payments carry its token', async () => {
    const config = withPolicy('lists: { block: [{ kind: card, id: "4111111111111111", reason: Stolen }] }\n');
    await expect(startQuiet(config)).rejects.toThrow('Policy, lists.block[0].id: this is a card number');
  });
});

describe('a start that fails', () => {
  it.each<[string, Partial<Record<SettingName, string>>, string]>([
    ['without the file of keys', { keysFile: '/nowhere/keys.json' }, '/nowhere/keys.json: there is no such file'],
    ['with keys nobody can check', { keysFile: BAD_KEYS }, 'keys[0].hash: expected 64 hex digits'],
    ['with a directory for a policy', { policyFile: tmpdir() }, 'is a directory'],
    ['without the policy', { policyFile: '/nowhere/policy.yaml' }, 'there is no such file'],
    ['open to the network without keys', { host: '0.0.0.0' }, 'without API keys'],
  ])('%s says so and touches nothing', async (_, flags, problem) => {
    const config = aConfig(aDirectory(), modelsDir, flags);
    await expect(startQuiet(config)).rejects.toThrow(problem);
    expect(existsSync(join(config.dataDir, 'journal'))).toBe(false);
  });

  it('because the port is taken gives everything back', async () => {
    await withService(aConfig(aDirectory(), modelsDir), async (_, { url }) => {
      const config = aConfig(aDirectory(), modelsDir, { port: new URL(url).port });
      await expect(startQuiet(config)).rejects.toThrow(/already in use/);
      await withService({ ...config, port: 0 }, async (client) => {
        expect((await client.post('/api/v1/predict', aPayment())).status).toBe(200);
      });
    });
  });
});
