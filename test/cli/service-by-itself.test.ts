import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { byItself, environmentOf } from '../../src/cli/service-by-itself.ts';
import { readConfig, SETTING_NAMES, SETTINGS } from '../../src/config.ts';
import { deploymentOf } from '../../src/deployment.ts';
import { databaseServerOf } from '../../src/database-settings.ts';

const production = readConfig({
  environment: {
    KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092',
    REDIS_URL: 'redis://redis:6379',
    DATABASE_URL: 'postgresql://sentinel:secret@postgres/sentinel',
    DATABASE_READ_URL: 'postgresql://sentinel:secret@replica/sentinel',
    API_WORKERS: '4',
    SENTINEL_KEYS_FILE: 'keys.json',
    SENTINEL_POLICY_FILE: 'policy.yaml',
    SENTINEL_SEGMENT_MIB: '8',
    SENTINEL_LEDGER: 'false',
  },
});

describe('a service that is only tried', () => {
  it('reaches no server of the one in production, and asks for no keys', () => {
    const config = byItself(production);
    expect(deploymentOf(config)).toBe('segments');
    expect(databaseServerOf(config)).toBeUndefined();
    expect(config).toMatchObject({ apiWorkers: 1, keysFile: '', host: SETTINGS.host.default });
  });

  it('keeps what else is configured', () => {
    expect(byItself(production)).toMatchObject({ policyFile: 'policy.yaml', segmentMib: 8, ledger: false });
  });

  it('is the same in a process of its own, whatever .env says there', () => {
    const config = byItself(production);
    const environment = environmentOf(config);
    expect(Object.keys(environment).sort()).toEqual(SETTING_NAMES.map((name) => SETTINGS[name].environment).sort());
    expect(readConfig({ environment })).toEqual({ ...config, policyFile: resolve('policy.yaml') });
  });
});
