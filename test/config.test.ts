import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig, SETTING_NAMES, type SettingName, SETTINGS, shownConfig } from '../src/config.ts';
import { databaseServerOf } from '../src/database-settings.ts';
import { SentinelError } from '../src/domain/errors.ts';
import { type Setting } from '../src/setting.ts';

const fromFile = (content: unknown, environment: Readonly<Record<string, string>> = {}): Config =>
  readConfig({ file: { name: 'sentinel.yaml', content }, environment });

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SentinelError && error.code === 'CONFIG_INVALID')
      return String(error.details.problems).split('\n  ').slice(1);
    throw error;
  }
  return [];
}

/** A legal value of a setting that is not its default. */
function another(setting: Setting): string {
  if (typeof setting.default === 'boolean') return String(!setting.default);
  if (typeof setting.default === 'number')
    return String(setting.default === setting.maximum ? setting.minimum : setting.maximum);
  if (setting.type.includes('|')) return setting.type.split(' | ').find((each) => each !== setting.default)!;
  if (setting.type.startsWith('postgres')) return 'postgresql://u:p@another.example/db';
  if (setting.type.startsWith('redis')) return 'rediss://:p@another.example/1';
  if (setting.type.includes('hex')) return 'ab'.repeat(32);
  if (setting.type.includes('characters')) return 'another'.repeat(5);
  if (setting.path === 'kafka.brokers') return 'another.example:9092';
  return setting.type.startsWith('http') ? 'https://another.example' : 'another';
}

const KAFKA = { kafkaBrokers: 'h:9092' };
/** Settings that are refused one without the other. */
const COMPANIONS: Readonly<Partial<Record<SettingName, Partial<Record<SettingName, string>>>>> = {
  tlsKeyFile: { tlsCertFile: 'c' },
  tlsCertFile: { tlsKeyFile: 'k' },
  databaseReadUrl: { databaseUrl: 'postgresql://localhost/db' },
  databasePort: { databaseHost: 'h' },
  databaseName: { databaseHost: 'h' },
  databaseUser: { databaseHost: 'h' },
  databasePassword: { databaseHost: 'h' },
  kafkaTopicPrefix: KAFKA,
  kafkaPartitions: KAFKA,
  kafkaGroup: KAFKA,
  kafkaTls: KAFKA,
  kafkaUser: { ...KAFKA, kafkaPassword: 'p' },
  kafkaPassword: { ...KAFKA, kafkaUser: 'u' },
  kafkaSaslMechanism: KAFKA,
  journalKey: KAFKA,
  redisUrl: KAFKA,
  redisHost: KAFKA,
  redisPort: { ...KAFKA, redisHost: 'h' },
  redisPassword: { ...KAFKA, redisHost: 'h' },
  redisName: { ...KAFKA, redisHost: 'h' },
  apiWorkers: { ...KAFKA, redisHost: 'h' },
};

describe('the configuration', () => {
  it('is the defaults when nothing is given, and cannot be changed', () => {
    const config = readConfig({ environment: {} });
    for (const name of SETTING_NAMES) expect(config[name]).toEqual(SETTINGS[name].default);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes flags over environment over file', () => {
    const file = {
      name: 'sentinel.yaml',
      content: { server: { port: 1, host: 'file' }, storage: { data_dir: 'file' } },
    };
    const environment = { PORT: '2', SENTINEL_HOST: 'environment' };
    const config = readConfig({ file, environment, flags: { port: '3' } });
    expect(config).toMatchObject({ port: 3, host: 'environment', dataDir: 'file' });
  });

  it.each(SETTING_NAMES)('reads %s from each source it may stand in', (name) => {
    const setting: Setting = SETTINGS[name];
    const value = another(setting);
    const [section, key] = setting.path.split('.');
    const pair = COMPANIONS[name] ?? {};
    const expected = setting.parse(value);
    expect(expected).not.toEqual(setting.default);
    expect(readConfig({ environment: {}, flags: { ...pair, [name]: value } })[name]).toEqual(expected);
    const flags = Object.fromEntries(Object.entries(pair).filter(([each]) => each !== name));
    expect(readConfig({ environment: { [setting.environment]: value }, flags })[name]).toEqual(expected);
    const file = { name: 'f', content: { [section!]: { [key!]: value } } };
    expect(readConfig({ file, environment: {}, flags })[name]).toEqual(expected);
  });

  it('gives each setting its own place in each source', () => {
    for (const key of ['environment', 'path'] as const) {
      expect(new Set(SETTING_NAMES.map((name) => SETTINGS[name][key])).size).toBe(SETTING_NAMES.length);
    }
  });

  it('honours PORT and LOG_LEVEL, and takes an empty variable for an unset one', () => {
    expect(readConfig({ environment: { PORT: '9000', LOG_LEVEL: 'debug', SENTINEL_HOST: '' } })).toMatchObject({
      port: 9000,
      logLevel: 'debug',
      host: '127.0.0.1',
    });
  });

  it('reads lists from YAML and from text', () => {
    const origins = ['https://a.example', 'https://b.example'];
    expect(fromFile({ server: { cors_origins: origins } }).corsOrigins).toEqual(origins);
    expect(fromFile({}, { SENTINEL_CORS_ORIGINS: ' https://a.example,https://b.example, ' }).corsOrigins).toEqual(
      origins,
    );
  });

  it('takes origins as browsers send them, however they are written', () => {
    const origins = 'https://A.example/, http://b.example:80, https://c.example:8443, capacitor://localhost, *';
    expect(fromFile({}, { SENTINEL_CORS_ORIGINS: origins }).corsOrigins).toEqual([
      'https://a.example',
      'http://b.example',
      'https://c.example:8443',
      'capacitor://localhost',
      '*',
    ]);
  });

  it.each(['shop.example', 'https://shop.example/pay', 'https://*.shop.example', 'null'])(
    'refuses the origin “%s”, which no browser sends',
    (origin) => {
      const expected = `SENTINEL_CORS_ORIGINS: expected ${SETTINGS.corsOrigins.type}, got "${origin}"`;
      expect(problemsOf(() => fromFile({}, { SENTINEL_CORS_ORIGINS: origin }))).toEqual([expected]);
    },
  );

  it('names every mistake at once', () => {
    const problems = problemsOf(() =>
      fromFile(
        { server: { port: 70_000, hots: 'x' }, ledger: 5, load: { simulate_rate: 'Vienna' } },
        { SENTINEL_DEADLINE_MS: 'soon', LOG_LEVEL: 'loud', SENTINEL_DATADIR: 'x', SENTINEL_TLS_KEY_FILE: 'key.pem' },
      ),
    );
    expect(problems).toEqual([
      'server.hots in sentinel.yaml: is no setting; did you mean server.host?',
      'ledger in sentinel.yaml: expected a section of settings',
      'server.port in sentinel.yaml: expected whole number from 0 to 65535, got 70000',
      'SENTINEL_DEADLINE_MS: expected number from 1 to 60000, got "soon"',
      'LOG_LEVEL: expected fatal | error | warn | info | debug | trace | silent, got "loud"',
      'load.simulate_rate in sentinel.yaml: expected number from 0 to 20000, got "Vienna"',
      'SENTINEL_DATADIR: is no setting; did you mean SENTINEL_DATA_DIR?',
      'tls_key_file and tls_cert_file: give both or neither',
    ]);
  });

  it.each([
    [7, '7'],
    [1.1, '1.1'],
    [Number('12345678901234567890'), '12345678901234567000'],
    [true, 'true'],
  ])('takes no %s of the file for a text: YAML has lost how it was written', (dataDir, shown) => {
    expect(problemsOf(() => fromFile({ storage: { data_dir: dataDir } }))).toEqual([
      `storage.data_dir in sentinel.yaml: expected text in quotes, got ${shown}`,
    ]);
    expect(problemsOf(() => fromFile({ database: { host: 'h', password: dataDir } }))).toEqual([
      'database.password in sentinel.yaml: expected text in quotes, got ***',
    ]);
    expect(fromFile({ storage: { data_dir: '007' } }).dataDir).toBe('007');
  });

  it('takes no token key that could be guessed', () => {
    const key = 'k'.repeat(32);
    expect(readConfig({ environment: { SENTINEL_TOKEN_KEY: key } }).tokenKey).toBe(key);
    expect(fromFile({ server: { token_key: '' } }).tokenKey).toBe('');
    expect(problemsOf(() => readConfig({ environment: { SENTINEL_TOKEN_KEY: key.slice(1) } }))).toEqual([
      'SENTINEL_TOKEN_KEY: expected text of at least 32 characters, got ***',
    ]);
  });

  it.each([[5], ['text'], [[1, 2]]])('refuses a file that holds %j instead of sections', (content) => {
    expect(problemsOf(() => fromFile(content))).toEqual(['sentinel.yaml: expected sections']);
  });

  it('accepts an empty file and empty sections', () => {
    expect(fromFile(null).port).toBe(8000);
    expect(fromFile({ server: null, storage: { data_dir: null } }).dataDir).toBe('data');
  });

  it('takes a PostgreSQL server by its address or by its parts, and shows neither address nor password', () => {
    const url = 'postgresql://ann:s3cret@db.example:6432/payments?sslmode=require';
    const readUrl = 'postgres://ann:s3cret@replica.example/payments';
    const byUrl = readConfig({ environment: { DATABASE_URL: url, DATABASE_READ_URL: readUrl } });
    expect(databaseServerOf(byUrl)).toEqual({ url, readUrl, poolSize: 8 });
    expect(JSON.stringify(shownConfig(byUrl))).not.toContain('s3cret');
    const environment = { DB_HOST: '::1', DB_PORT: '6432', DB_NAME: 'a b', DB_USER: 'ann', DB_PASSWORD: 's3cret:/@&' };
    const byParts = readConfig({ environment });
    expect(new Client({ connectionString: databaseServerOf(byParts)!.url })).toMatchObject({ host: '::1', port: 6432, database: 'a b', user: 'ann', password: 's3cret:/@&' }); // prettier-ignore
    expect(JSON.stringify(shownConfig(byParts))).not.toContain('s3cret');
    expect(databaseServerOf(readConfig({ environment: {} }))).toBeUndefined();
  });

  it.each([
    [{ DATABASE_URL: 'postgres://h/d', DB_HOST: 'h' }, 'DATABASE_URL and DB_HOST: give one or the other'],
    [{ DATABASE_READ_URL: 'postgres://h/d' }, 'DATABASE_READ_URL: give DATABASE_URL or DB_HOST too'],
    [{ DB_PASSWORD: 's3cret' }, 'DB_PASSWORD: give DB_HOST too'],
    [
      { DATABASE_URL: 'postgres://ann@h/d', DB_PASSWORD: 's3cret' },
      'DB_PASSWORD: is that of DB_HOST; put it into DATABASE_URL as postgres://user:password@host:port/name',
    ],
    [{ DATABASE_URL: 'mysql://ann:s3cret@h/d' }, 'DATABASE_URL: expected postgresql:// address, got ***'],
  ])('refuses %j', (environment, problem) => {
    expect(problemsOf(() => readConfig({ environment }))).toEqual([problem]);
  });

  it.each(['file:///mlruns', 'localhost:5000', 'http://user:secret@localhost', 'sqlite:///mlflow.db'])(
    'does not take %s for the address of a service, or of an MLflow server',
    (uri) => {
      for (const variable of ['MLFLOW_TRACKING_URI', 'SENTINEL_URL']) {
        const [problem] = problemsOf(() => readConfig({ environment: { [variable]: uri } }));
        expect(problem).toContain(`${variable}: expected http(s) address without credentials`);
        expect(problem).not.toContain('secret');
      }
    },
  );

  it('never shows a secret', () => {
    const secret = 'very-secret-value'.repeat(2);
    const config = readConfig({ environment: { SENTINEL_TOKEN_KEY: secret } });
    expect(config.tokenKey).toBe(secret);
    expect(shownConfig(config)).toMatchObject({ tokenKey: '***', port: 8000 });
    expect(shownConfig(readConfig({ environment: {} })).tokenKey).toBe('');
    const wrong = problemsOf(() => fromFile({ server: { token_key: [secret] } }));
    expect(wrong).toEqual(['server.token_key in sentinel.yaml: expected text of at least 32 characters, got ***']);
  });
});
