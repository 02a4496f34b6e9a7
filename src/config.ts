/** Every setting in one table, and how file, environment and flags become one frozen Config. */
import { DATABASE_SETTINGS, databaseProblems } from './database-settings.ts';
import { deploymentProblems } from './deployment.ts';
import { closestName } from './domain/closest-name.ts';
import { SentinelError } from './domain/errors.ts';
import { KAFKA_SETTINGS, kafkaProblems } from './kafka-settings.ts';
import { REDIS_SETTINGS, redisProblems } from './redis-settings.ts';
import { choice, expectedInstead, flag, hexKey, httpAddress, longText, number, origins, type Setting, text } from './setting.ts'; // prettier-ignore

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const JOURNAL_KEY_BYTES = 32;
const TOKEN_KEY_CHARACTERS = 32;

/** Every setting by the name the program uses. */
export const SETTINGS = {
  host: text({
    environment: 'SENTINEL_HOST',
    path: 'server.host',
    default: '127.0.0.1',
    sentence: 'The address to listen on; any other than loopback needs API keys.',
  }),
  port: number('whole number', {
    environment: 'PORT',
    path: 'server.port',
    default: 8000,
    minimum: 0,
    maximum: 65_535,
    sentence: 'The port to listen on; 0 takes a free one.',
  }),
  tlsKeyFile: text({
    environment: 'SENTINEL_TLS_KEY_FILE',
    path: 'server.tls_key_file',
    default: '',
    sentence: 'The private key (PEM) to serve HTTPS with; empty serves HTTP.',
  }),
  tlsCertFile: text({
    environment: 'SENTINEL_TLS_CERT_FILE',
    path: 'server.tls_cert_file',
    default: '',
    sentence: 'The certificate chain (PEM) that belongs to the private key.',
  }),
  corsOrigins: origins({
    environment: 'SENTINEL_CORS_ORIGINS',
    path: 'server.cors_origins',
    default: [],
    sentence: 'The origins whose pages may call the API; none by default.',
  }),
  keysFile: text({
    environment: 'SENTINEL_KEYS_FILE',
    path: 'server.keys_file',
    default: '',
    sentence: 'The file of API keys, hashed, with their roles; empty asks for no key.',
  }),
  tokenKey: longText(TOKEN_KEY_CHARACTERS, {
    environment: 'SENTINEL_TOKEN_KEY',
    path: 'server.token_key',
    default: '',
    secret: true,
    sentence:
      'The key of the tokens that replace card numbers, 32 characters or more; empty keeps one in the data directory.',
  }),
  bodyLimitBytes: number('whole number', {
    environment: 'SENTINEL_BODY_LIMIT_BYTES',
    path: 'server.body_limit_bytes',
    unit: 'bytes',
    default: 65_536,
    minimum: 1_024,
    maximum: 16_777_216,
    sentence: 'The largest body of one payment, or of any other request but a batch and labels.',
  }),
  batchLimitBytes: number('whole number', {
    environment: 'SENTINEL_BATCH_LIMIT_BYTES',
    path: 'server.batch_limit_bytes',
    unit: 'bytes',
    default: 1_048_576,
    minimum: 1_024,
    maximum: 104_857_600,
    sentence: 'The largest body of a batch of payments, or of labels.',
  }),
  inFlightLimit: number('whole number', {
    environment: 'SENTINEL_IN_FLIGHT_LIMIT',
    path: 'server.in_flight_limit',
    unit: 'payments and labels',
    default: 2_000,
    minimum: 1,
    maximum: 100_000,
    sentence: 'How many payments and labels are worked on at once; further ones are told to retry.',
  }),
  rateLimitPerSecond: number('whole number', {
    environment: 'SENTINEL_RATE_LIMIT_PER_SECOND',
    path: 'server.rate_limit_per_second',
    unit: 'requests a second',
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    sentence: 'How many requests one API key may make; 0 sets no limit.',
  }),
  deadlineMs: number('number', {
    environment: 'SENTINEL_DEADLINE_MS',
    path: 'server.deadline_ms',
    unit: 'ms',
    default: 100,
    minimum: 1,
    maximum: 60_000,
    sentence:
      'A decision that takes longer before it is recorded is replaced by the policy’s fallback; one of a message never is.',
  }),
  apiWorkers: number('whole number', {
    environment: 'API_WORKERS',
    path: 'server.workers',
    unit: 'processes',
    default: 1,
    minimum: 1,
    maximum: 256,
    sentence: 'How many processes share the port; more than one needs Kafka and Redis.',
  }),
  logLevel: choice(LOG_LEVELS, {
    environment: 'LOG_LEVEL',
    path: 'server.log_level',
    default: 'info',
    sentence: 'The least severe messages that are logged.',
  }),
  dataDir: text({
    environment: 'SENTINEL_DATA_DIR',
    path: 'storage.data_dir',
    default: 'data',
    sentence: 'The directory of journal, snapshots, ledger and prepared datasets.',
  }),
  modelsDir: text({
    environment: 'SENTINEL_MODELS_DIR',
    path: 'storage.models_dir',
    default: 'models',
    sentence: 'The directory of the model registry.',
  }),
  policyFile: text({
    environment: 'SENTINEL_POLICY_FILE',
    path: 'decisions.policy_file',
    default: '',
    sentence:
      'The policy (YAML or JSON); empty takes the default policy. Thresholds it does not name are those of the model.',
  }),
  segmentMib: number('whole number', {
    environment: 'SENTINEL_SEGMENT_MIB',
    path: 'journal.segment_mib',
    unit: 'MiB',
    default: 64,
    minimum: 1,
    maximum: 1_024,
    sentence: 'The size of one journal file, reserved before it is needed.',
  }),
  exactIdDays: number('number', {
    environment: 'SENTINEL_EXACT_ID_DAYS',
    path: 'journal.exact_id_days',
    unit: 'days',
    default: 7,
    minimum: 0.01,
    maximum: 90,
    sentence:
      'How long answered transaction ids are held in memory; older ones are looked up on disk. Instances that share Redis know ' +
      'an id so long and decide it anew when it comes later.',
  }),
  snapshotEveryRecords: number('whole number', {
    environment: 'SENTINEL_SNAPSHOT_EVERY_RECORDS',
    path: 'journal.snapshot_every_records',
    unit: 'records',
    default: 200_000,
    minimum: 100,
    maximum: 100_000_000,
    sentence: 'After so many records the profiles are written to disk, so that a start replays less.',
  }),
  journalKey: hexKey(JOURNAL_KEY_BYTES, {
    environment: 'SENTINEL_JOURNAL_KEY',
    path: 'journal.key',
    default: '',
    secret: true,
    sentence: 'The key of the journal on Kafka, the same for all instances; empty keeps one in the data directory.',
  }),
  ledger: flag({
    environment: 'SENTINEL_LEDGER',
    path: 'ledger.enabled',
    default: true,
    sentence: 'Whether the journal is projected to tables, for questions about the past.',
  }),
  ledgerCpuShare: number('number', {
    environment: 'SENTINEL_LEDGER_CPU_SHARE',
    path: 'ledger.cpu_share',
    unit: 'share of one core',
    default: 0.25,
    minimum: 0.01,
    maximum: 1,
    sentence:
      'How much time the projection may take, twice as much when it waits for a server; at full load it falls behind and catches up later.',
  }),
  ...DATABASE_SETTINGS,
  ...KAFKA_SETTINGS,
  ...REDIS_SETTINGS,
  servingBudgetUs: number('number', {
    environment: 'SENTINEL_SERVING_BUDGET_US',
    path: 'training.serving_budget_us',
    unit: 'µs a payment',
    default: 60,
    minimum: 1,
    maximum: 1_000_000,
    sentence: 'What a model may cost, explanation included, to become the champion.',
  }),
  mlflowUri: httpAddress({
    environment: 'MLFLOW_TRACKING_URI',
    path: 'tracking.mlflow_uri',
    default: '',
    sentence: 'The MLflow server that shows runs and models too; empty keeps them in files alone.',
  }),
  mlflowToken: text({
    environment: 'MLFLOW_TRACKING_TOKEN',
    path: 'tracking.mlflow_token',
    default: '',
    secret: true,
    sentence: 'The bearer token to show to MLflow.',
  }),
  mlflowUser: text({
    environment: 'MLFLOW_TRACKING_USERNAME',
    path: 'tracking.mlflow_user',
    default: '',
    sentence: 'The user name to show to MLflow, where there is no token.',
  }),
  mlflowPassword: text({
    environment: 'MLFLOW_TRACKING_PASSWORD',
    path: 'tracking.mlflow_password',
    default: '',
    secret: true,
    sentence: 'The password that belongs to the user name.',
  }),
  mlflowTimeoutMs: number('whole number', {
    environment: 'SENTINEL_MLFLOW_TIMEOUT_MS',
    path: 'tracking.mlflow_timeout_ms',
    unit: 'ms',
    default: 5_000,
    minimum: 100,
    maximum: 600_000,
    sentence: 'How long one answer of MLflow is waited for before it is taken for unreachable.',
  }),
  serviceUrl: httpAddress({
    environment: 'SENTINEL_URL',
    path: 'client.url',
    default: '',
    sentence: 'The service that commands talk to; empty means the one on this machine at the configured port.',
  }),
  apiKey: text({
    environment: 'SENTINEL_API_KEY',
    path: 'client.api_key',
    default: '',
    secret: true,
    sentence: 'The key that commands show to the service; empty shows none.',
  }),
  workerPort: number('whole number', {
    environment: 'SENTINEL_WORKER_PORT',
    path: 'worker.port',
    default: 0,
    minimum: 0,
    maximum: 65_535,
    sentence: 'The port at which a stream worker shows its figures and its health; 0 opens none.',
  }),
  simulateRate: number('number', {
    environment: 'SENTINEL_SIMULATE_RATE',
    path: 'load.simulate_rate',
    unit: 'payments a second',
    default: 50,
    minimum: 0,
    maximum: 20_000,
    sentence: 'How many simulated payments `up` sends to the service; 0 sends none.',
  }),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]['default'] };
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]; // the keys of a closed table

const SECTIONS_OF_OTHERS = ['client', 'load', 'tracking', 'training', 'worker'];
/** What the service itself reads. */
export const SERVICE_SETTINGS: readonly SettingName[] = SETTING_NAMES.filter(
  (name) => !SECTIONS_OF_OTHERS.includes(SETTINGS[name].path.split('.')[0]!),
);

/** The flag of a setting: `--data-dir`; none for a secret, as a command line can be read by every user of the machine. */
export function flagOf(name: SettingName): string | undefined {
  const setting: Setting = SETTINGS[name];
  return setting.secret ? undefined : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export interface ConfigSources {
  /** The content of sentinel.yaml, parsed, and its name for messages. */
  readonly file?: { readonly name: string; readonly content: unknown };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Readonly<Partial<Record<SettingName, string>>>;
}

/** File, then environment, then flags, the later winning. Throws CONFIG_INVALID with every mistake at once. */
export function readConfig({ file, environment, flags = {} }: ConfigSources): Config {
  const problems: string[] = [];
  const fromFile = file === undefined ? new Map<string, unknown>() : fileEntries(file, problems);
  const chosen = SETTING_NAMES.map((name) => {
    const setting: Setting = SETTINGS[name];
    const candidates: readonly (readonly [string, unknown])[] = [
      [flagOf(name) ?? '', flags[name]],
      [setting.environment, environment[setting.environment] || undefined], // an empty variable is an unset one
      [`${setting.path} in ${file?.name}`, fromFile.get(setting.path)],
    ];
    const found = candidates.find(([, given]) => given !== undefined && given !== null);
    if (found === undefined) return [name, setting.default] as const;
    const value = setting.parse(found[1]);
    if (value === undefined)
      problems.push(`${found[0]}: expected ${expectedInstead(setting, found[1])}, got ${shown(setting, found[1])}`);
    return [name, value] as const;
  });
  problems.push(...environmentProblems(environment));
  const config = Object.freeze(Object.fromEntries(chosen)) as Config; // each value parsed by its own setting, above
  const given = (name: string): boolean => (environment[name] ?? '') !== '';
  problems.push(
    ...databaseProblems(config, given),
    ...kafkaProblems(config, given),
    ...redisProblems(config, given),
    ...deploymentProblems(config),
  );
  if ((config.tlsKeyFile === '') !== (config.tlsCertFile === '')) {
    problems.push('tls_key_file and tls_cert_file: give both or neither');
  }
  if (problems.length > 0)
    throw new SentinelError('CONFIG_INVALID', { problems: problems.map((problem) => `\n  ${problem}`).join('') });
  return config;
}

/** The entries of the file as section.key → value; what is not known goes to `problems`. */
function fileEntries({ name, content }: { readonly name: string; readonly content: unknown }, problems: string[]) {
  const isFields = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = new Map<string, unknown>();
  const known = new Set<string>(SETTING_NAMES.map((setting) => SETTINGS[setting].path));
  if (content !== null && content !== undefined && !isFields(content)) problems.push(`${name}: expected sections`);
  for (const [section, fields] of Object.entries(isFields(content) ? content : {})) {
    if (fields !== null && !isFields(fields)) problems.push(`${section} in ${name}: expected a section of settings`);
    for (const [key, value] of Object.entries(isFields(fields) ? (fields as object) : {})) {
      const path = `${section}.${key}`;
      entries.set(path, value);
      if (!known.has(path)) problems.push(`${path} in ${name}: is no setting${suggestion(path, known)}`);
    }
  }
  return entries;
}

/** Misspelt names of our own. */
function environmentProblems(environment: ConfigSources['environment']): string[] {
  const known = new Set<string>(SETTING_NAMES.map((setting) => SETTINGS[setting].environment));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    const hint = name.startsWith('SENTINEL_') && !known.has(name) ? suggestion(name, known) : '';
    return hint === '' ? [] : [`${name}: is no setting${hint}`];
  });
}

function suggestion(name: string, known: Iterable<string>): string {
  const meant = closestName(name, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** What a mistaken address may hold. */
const CREDENTIALS = /\/\/[^/@]*@/g;

function shown({ secret }: Setting, value: unknown): string {
  return secret ? '***' : JSON.stringify(value)?.replace(CREDENTIALS, '//***@');
}

/** The configuration as it may be shown to anyone: a secret that is set reads `***`. */
export function shownConfig(config: Config): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => {
      const setting: Setting = SETTINGS[name];
      return [name, setting.secret && config[name] !== '' ? '***' : config[name]];
    }),
  );
}
