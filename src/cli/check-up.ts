/** What doctor looks at: every part of an installation, checked by using it, with what to do where it is wrong. */
import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { checkExposure } from '../access/exposure.ts';
import { createKeyRing } from '../access/keys.ts';
import { hashRequest } from '../access/pan-token.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { inspectServer } from '../adapters/postgres/open-server.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { checkHead, checkSegments } from '../adapters/segments/head-check.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { portUnavailable } from '../adapters/system/port-unavailable.ts';
import { secretFile } from '../adapters/system/secret-file.ts';
import { readKeys, readPolicyFile, readTls } from '../compose/inputs.ts';
import { JOURNAL_KEY_FILE } from '../compose/journal-key.ts';
import { type Config } from '../config.ts';
import { type DatabaseServer, databaseServerOf } from '../database-settings.ts';
import { deploymentOf } from '../deployment.ts';
import { SentinelError } from '../domain/errors.ts';
import { catalogueFor } from '../features/catalogue.ts';
import { championOf, loadArtifact, policyOf } from '../usecases/load-champion.ts';
import { kafka, redis } from './check-services.ts';
import { chainKeyOf, DATA, holderOf } from './data-directory.ts';
import { type Check, fail, type Finding, ok, warn } from './finding.ts';
import { configuredRates } from './rates.ts';
import { serviceUrlOf } from './service-client.ts';
import { inWords } from './system-failure.ts';
import { openServer } from './tracking.ts';

const NEEDED_NODE = [20, 19] as const;
const GIB = 2 ** 30;
/** Below this a full disk is days away at most; below two segments the next one cannot be made. */
const LOW_DISK_BYTES = 5 * GIB;
const SEGMENTS_NEEDED = 2;
/** Longer than a service takes to say how it is. */
const HEALTH_MS = 5_000;
/** Permission bits of group and others. */
const OTHERS = 0o077;

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1]);
  const finding = `${process.version}, ${process.platform} ${process.arch}`;
  return isEnough ? ok(finding) : fail(finding, `Install Node ${NEEDED_NODE.join('.')} or newer.`);
}

/** The directory itself, or the nearest one above it that exists. */
function standing(path: string): string {
  for (let at = resolve(path); ; at = join(at, '..')) if (existsSync(at)) return at;
}

async function dataDirectory({ dataDir }: Config): Promise<Finding> {
  const path = standing(dataDir);
  try {
    await access(path, constants.W_OK | constants.X_OK);
  } catch {
    return fail(`${path} cannot be written`, 'Give this user the directory, or choose another with --data-dir.');
  }
  return ok(existsSync(dataDir) ? `${dataDir} is writable` : `${dataDir} will be made at the first start`);
}

async function diskSpace({ dataDir, segmentMib }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(standing(dataDir));
  const free = bavail * bsize;
  const finding = `${(free / GIB).toFixed(1)} GiB free for ${dataDir}`;
  if (free < SEGMENTS_NEEDED * segmentMib * 2 ** 20) return fail(finding, 'Free space: the next journal file cannot be made.');
  return free < LOW_DISK_BYTES ? warn(finding, 'Free space before the journal fills it.') : ok(finding);
} // prettier-ignore

async function journal(config: Config): Promise<Finding> {
  const { dataDir } = config;
  if (deploymentOf(config) !== 'segments') return ok('on Kafka');
  if (!existsSync(join(dataDir, DATA.journal))) return ok('none yet; the first start begins one');
  const key = await chainKeyOf(dataDir);
  const holder = holderOf(dataDir);
  await checkSegments(join(dataDir, DATA.journal), key);
  const { head, problem } = await checkHead(join(dataDir, DATA.journal), key);
  const use = holder === undefined ? 'not in use' : `in use by process ${holder}`;
  if (problem !== undefined) return fail(problem, 'Run sentinel verify, then restore a backup (sentinel restore).');
  return ok(`no segment missing, sound at its end, head ${head.seq}, ${use}; sentinel verify checks all of it`);
}

async function keyFiles(config: Config): Promise<Finding> {
  const { dataDir } = config;
  const there = [DATA.chainKey, JOURNAL_KEY_FILE, DATA.tokenKey].map((name) => join(dataDir, name)).filter((path) => existsSync(path));
  for (const path of there) {
    if (((await stat(path)).mode & OTHERS) !== 0) {
      return warn(`${path} can be read by other users`, `chmod 600 ${path}`);
    }
  }
  const usesJournalKey = deploymentOf(config) !== 'segments' && config.journalKey === '';
  const used = [...(usesJournalKey ? [JOURNAL_KEY_FILE] : []), ...(config.tokenKey === '' ? [DATA.tokenKey] : [])];
  for (const path of used.map((name) => join(dataDir, name))) if (there.includes(path)) secretFile(path); // throws when it is not whole
  if (there.length > 0) return ok(`${there.join(', ')}: readable by their owner alone`);
  const areGiven = deploymentOf(config) !== 'segments' && used.length === 0;
  return ok(areGiven ? 'none, and none needed: both keys are given' : 'none yet; the first start makes them');
} // prettier-ignore

async function model({ modelsDir }: Config): Promise<Finding> {
  const registry = createFileModelRegistry(modelsDir, systemClock);
  const version = await registry.production();
  if (version === undefined) {
    return fail(`no model in production in ${modelsDir}`, 'sentinel up makes one, sentinel train makes one of your data.');
  }
  const { golden, catalogue, featureSettings } = await loadArtifact(registry, version, onnxRuntime);
  if (catalogueFor(featureSettings).hash !== catalogue.hash) {
    return fail(`${version} was made for other features than this program has`, 'Train again (sentinel train).');
  }
  return ok(`${version} loads and reproduces its ${golden.length} golden rows`);
} // prettier-ignore

async function policy(config: Config): Promise<Finding> {
  const registry = createFileModelRegistry(config.modelsDir, systemClock);
  const version = await registry.production();
  if (version === undefined) {
    configuredRates(config); // reads the file
    return ok(config.policyFile === '' ? 'the default' : `${config.policyFile}, not checked against a model`);
  }
  const artifact = await loadArtifact(registry, version, onnxRuntime);
  const given = readPolicyFile(config, artifact.thresholds);
  const terms = given ?? policyOf(artifact, hashRequest);
  championOf(artifact, terms, catalogueFor(artifact.featureSettings));
  const origin = given === undefined ? 'the default with the model’s thresholds' : config.policyFile;
  return ok(`${terms.version} (${origin}), ${terms.rules.length} rules`);
} // prettier-ignore

async function exposure(config: Config): Promise<Finding> {
  if (config.keysFile !== '' && !existsSync(config.keysFile)) {
    return fail(`${config.keysFile} does not exist`, 'Correct server.keys_file.');
  }
  const keys = createKeyRing(readKeys(config));
  checkExposure(config.host, keys);
  const scheme = readTls(config) === undefined ? 'HTTP' : 'HTTPS';
  return ok(`${scheme} at ${config.host}, ${keys.isEmpty ? 'no API keys asked for' : 'API keys asked for'}`);
}

async function port(config: Config): Promise<Finding> {
  const refusal = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
    const probe = createServer();
    probe.once('error', done);
    probe.listen(config.port, config.host, () => probe.close(() => done(undefined)));
  });
  if (refusal === undefined) return ok(`${config.port} is free: no service runs there`);
  if (refusal.code !== 'EADDRINUSE') throw portUnavailable(config.host, config.port, refusal);
  const answer = await healthAt(serviceUrlOf({ ...config, serviceUrl: '' }));
  if (answer?.model_version === undefined) {
    return fail(`${config.port} is taken by something else`, 'Stop it, or choose another port with --port.');
  }
  const finding = `a service answers on ${config.port}: ${answer.status}, model ${answer.model_version}, ledger ${answer.database_status}`;
  if (answer.status === 'unhealthy') return fail(finding, 'It refuses payments: /readyz and its log say why.');
  return answer.status === 'healthy' ? ok(finding) : warn(finding, 'See /health and the log.');
}

/** What is asked of whatever has the port: ours, or a stranger's. */
type HealthAnswer = Partial<Readonly<Record<'status' | 'database_status' | 'model_version', string>>>;

/** A service that is not well says so with 503, and is ours all the same. */
async function healthAt(url: string): Promise<HealthAnswer | undefined> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    return (await response.json()) as HealthAnswer | undefined;
  } catch {
    return undefined;
  }
}

async function ledger(config: Config): Promise<Finding> {
  const { dataDir, ledger: isEnabled } = config;
  if (!isEnabled) return warn('switched off', 'Set ledger.enabled: true to ask about the past.');
  const server = databaseServerOf(config);
  if (server !== undefined) return serverLedger(server);
  if (deploymentOf(config) === 'shared') {
    return warn('none: several instances keep one on a server only', 'Set DATABASE_URL to ask about the past.');
  }
  const directory = join(dataDir, DATA.ledger);
  if (!existsSync(directory)) return ok('none yet; the next start makes it from the journal');
  const open = OTHERS & (await stat(dataDir)).mode & (await stat(directory)).mode;
  if (open !== 0) return warn(`${directory} can be read by other users`, `chmod 700 ${directory}`);
  return ok(`in ${directory}`);
}

/** The service scores without it, so what is away is no failure, but what can never work is one. */
async function serverLedger({ url, readUrl }: DatabaseServer): Promise<Finding> {
  try {
    const { address, version, positions } = await inspectServer(url);
    const reads = readUrl === undefined ? '' : `; questions go to ${(await inspectServer(readUrl)).address}`;
    const stands = Object.entries(positions).map(([source, position]) => `${source} at ${position}`);
    return ok(`PostgreSQL ${version} at ${address}, ${stands.join(', ') || 'empty'}${reads}`);
  } catch (error) {
    if (error instanceof SentinelError && error.code === 'DATABASE_UNAVAILABLE') return warn(error.message, error.remedy);
    throw error;
  }
} // prettier-ignore

/** A server that is away stops nothing, so it is no failure. */
async function tracking(config: Config): Promise<Finding> {
  if (config.mlflowUri === '') return ok('runs are kept in files; no MLflow server is configured');
  try {
    const { models } = await openServer(config).models();
    return ok(`MLflow at ${config.mlflowUri} answers and shows ${models.length} model versions`);
  } catch (error) {
    if (error instanceof SentinelError) return warn(error.message, error.remedy);
    throw error;
  }
}

const CHECKS: readonly (readonly [name: string, look: (config: Config) => Finding | Promise<Finding>])[] = [
  ['node', nodeVersion],
  ['data directory', dataDirectory],
  ['disk', diskSpace],
  ['key files', keyFiles],
  ['journal', journal],
  ['kafka', kafka],
  ['redis', redis],
  ['ledger', ledger],
  ['model', model],
  ['policy', policy],
  ['tracking', tracking],
  ['exposure', exposure],
  ['port', port],
];

/** Every check, one after the other; one that throws has found what is wrong. */
export async function checkUp(config: Config): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [name, look] of CHECKS) {
    const finding = await Promise.resolve(look(config)).catch((error: unknown) => {
      const { message, remedy } = error instanceof SentinelError ? error : inWords(error);
      return fail(message, remedy);
    });
    checks.push({ name, ...finding });
  }
  return checks;
}
