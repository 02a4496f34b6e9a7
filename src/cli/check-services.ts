/** What doctor looks at where the journal is on Kafka, and the profiles on Redis. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, type KafkaSettings } from '../adapters/kafka/client.ts';
import { groupLag } from '../adapters/kafka/group-lag.ts';
import { inspectTopics } from '../adapters/kafka/topics.ts';
import { type UnendedTransaction, unendedTransactions } from '../adapters/kafka/unended-transactions.ts';
import { openRedisStore } from '../adapters/redis/open-store.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { createFileModelRegistry } from '../adapters/registry-files/model-registry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { engineHashOf } from '../compose/engine-hash.ts';
import { JOURNAL_KEY_FILE, journalKeyOf } from '../compose/journal-key.ts';
import { kafkaSettingsOf } from '../compose/kafka-topics.ts';
import { agreementOf, knownDifferences } from '../compose/shared/agreement.ts';
import { toldProgress } from '../compose/shared/progress.ts';
import { redisOptionsOf } from '../compose/shared/redis-options.ts';
import { tokenKeyOf } from '../compose/token-key.ts';
import { type Config } from '../config.ts';
import { deploymentOf } from '../deployment.ts';
import { SECOND_MS } from '../domain/time.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type KafkaCluster, kafkaClusterOf } from '../kafka-settings.ts';
import { loadArtifact } from '../usecases/load-champion.ts';
import { DATA } from './data-directory.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A broker that is to be reached is reached by then. */
const PATIENCE_MS = 5 * SECOND_MS;
const GROUP_ATTEMPTS = 10;
const GROUP_PAUSE_MS = 300;

/** Of the model in production; undefined without one. */
async function settingsOf({ modelsDir }: Config): Promise<FeatureSettings | undefined> {
  const registry = createFileModelRegistry(modelsDir, systemClock);
  const version = await registry.production();
  return version === undefined ? undefined : (await loadArtifact(registry, version, onnxRuntime)).featureSettings;
}

/** How much of what is to be decided the stream workers have left. A broker that has just begun to keep groups says no at first. */
async function lagOf({ groupId, prefix }: KafkaCluster, servers: KafkaSettings): Promise<string> {
  const admin = createKafka(servers).admin();
  try {
    await admin.connect();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const lag = await groupLag(admin, groupId, [`${prefix}transactions`, `${prefix}labels`]);
        return `, group ${groupId} ${lag.reduce((sum, { messages }) => sum + messages, 0)} messages behind`;
      } catch (error) {
        if (attempt === GROUP_ATTEMPTS) return `, group ${groupId} cannot be asked (${(error as Error).message})`;
        await sleep(GROUP_PAUSE_MS);
      }
    }
  } finally {
    await admin.disconnect();
  }
}

const sentenceOf = ({ topic, partition, offset }: UnendedTransaction): string =>
  `a transaction in topic ${topic}, partition ${partition}, begun at offset ${offset}, has not ended: nothing behind it is read`;

const endingOf = ({ topic, partition, offset }: UnendedTransaction, { brokers }: KafkaCluster): string =>
  `End it with Kafka's own kafka-transactions.sh --bootstrap-server ${brokers[0]} abort --topic ${topic} --partition ${partition} --start-offset ${offset}; what it held is written again. Brokers of 4.3 and 4.4 can leave one when they are killed.`;

export async function kafka(config: Config): Promise<Finding> {
  const cluster = kafkaClusterOf(config);
  if (cluster === undefined) return ok('not used; the journal is in local files');
  const servers = { ...kafkaSettingsOf(cluster, { error: nothing, warn: nothing, info: nothing }), patienceMs: PATIENCE_MS };
  const labelDelayMs = (await settingsOf(config))?.labelDelayMs ?? 0;
  const { reports, missing, brokers } = await inspectTopics({ ...servers, prefix: cluster.prefix, labelDelayMs });
  const place = `${brokers} brokers behind ${cluster.brokers.join(', ')}`;
  const problems = reports.flatMap(({ topic, problems: found }) => found.map((problem) => `topic ${topic}: ${problem}`));
  if (problems.length > 0) return fail(`${place}; ${problems.join('; ')}`, 'Change the settings of these topics as said.');
  const notices = [...new Set(reports.flatMap((report) => report.notices))];
  const [unended] = await unendedTransactions(servers, reports.map(({ topic }) => topic));
  if (unended !== undefined) return fail(`${place}; ${sentenceOf(unended)}`, endingOf(unended, cluster));
  const lag = missing.length > 0 ? `; the next start makes ${missing.join(', ')}` : await lagOf(cluster, servers);
  if (notices.length > 0) return warn(`${place}${lag}; ${notices.join('; ')}`, 'Run three brokers, and raise replicas and min.insync.replicas.');
  return ok(`${place}${lag}${missing.length === 0 ? '; topics are as they should be' : ''}`);
} // prettier-ignore

/** Whether there are keys to compare; a check makes none. */
function hasKeys({ journalKey, tokenKey, dataDir }: Config): boolean {
  const isThere = (given: string, file: string): boolean => given !== '' || existsSync(join(dataDir, file));
  return isThere(journalKey, JOURNAL_KEY_FILE) && isThere(tokenKey, DATA.tokenKey);
}

export async function redis(config: Config): Promise<Finding> {
  if (deploymentOf(config) !== 'shared') return ok('not used; profiles are in the memory of the one instance');
  const { state, check, close } = await openRedisStore(redisOptionsOf(config));
  try {
    const problems = await check();
    if (problems.length > 0) return fail(problems.join('; '), 'Change the settings of the server as said.');
    const settings = await settingsOf(config);
    if (settings !== undefined && hasKeys(config)) {
      const own = agreementOf(journalKeyOf(config), tokenKeyOf(config), engineHashOf(settings));
      const [difference] = await knownDifferences(state, own);
      if (difference !== undefined) return fail(difference, 'Do as said; an instance that differs refuses to start.');
    }
    if ((await state.status()) === 'restoring') return ok('answers; the next start rebuilds the profiles from the journal');
    const progress = await toldProgress(state);
    if (progress === undefined) return ok('answers and is open; no instance leads now');
    const { head, lag, gap, ledgerProblem } = progress;
    const finding = `open; journal at ${head.seq}, ledger ${lag.records} records behind`;
    if (gap !== undefined) return warn(`${finding}; place ${gap.seq} is empty since ${new Date(gap.sinceMs).toISOString()}`, 'An instance finishes it within half a minute; if not, see the log for why it cannot.');
    if (ledgerProblem !== undefined) return warn(`${finding}; it takes nothing: ${ledgerProblem.message}`, ledgerProblem.remedy ?? 'See the log of the instance that leads.');
    return ok(finding);
  } finally {
    await close();
  }
} // prettier-ignore

const nothing = (): void => undefined;
