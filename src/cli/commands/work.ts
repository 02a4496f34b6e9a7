/** sentinel work: a stream worker, one of any number. */
import { createLog } from '../../adapters/pino/log.ts';
import { openFiguresPage } from '../../adapters/system/figures-page.ts';
import { type SettingName } from '../../config.ts';
import { type StreamWorker, startStreamWorker } from '../../compose/stream-worker.ts';
import { DATABASE_SETTING_NAMES } from '../../database-settings.ts';
import { KAFKA_SETTING_NAMES } from '../../kafka-settings.ts';
import { REDIS_SETTING_NAMES } from '../../redis-settings.ts';
import { type Command, type CommandInput } from '../command.ts';
import { untilAborted } from '../until-aborted.ts';

const SECOND_MS = 1_000;

/** The deadline is for what a worker finishes in place of an instance. */
const READ_SETTINGS: readonly SettingName[] = [
  'host',
  'workerPort',
  'tokenKey',
  'deadlineMs',
  'logLevel',
  'dataDir',
  'modelsDir',
  'policyFile',
  'exactIdDays',
  'snapshotEveryRecords',
  'journalKey',
  'ledger',
  'ledgerCpuShare',
  ...DATABASE_SETTING_NAMES,
  ...KAFKA_SETTING_NAMES,
  ...REDIS_SETTING_NAMES,
];

/** A line a second: JSON on stdout, or words on stderr. Returns the way to stop. */
function report(worker: StreamWorker, { json, write, say }: CommandInput): () => void {
  let before = worker.status();
  const tell = async (): Promise<void> => {
    const lag = await worker.lag().then((all) => all.reduce((sum, { messages }) => sum + messages, 0), () => undefined); // prettier-ignore
    const now = worker.status();
    const perSecond = now.handled + now.dead - before.handled - before.dead;
    before = now;
    const { state, handled, dead, repeated, partitions, problem } = now;
    const fallbacks = worker.fallbacks();
    if (json) {
      const counts = {
        state,
        perSecond,
        lag: lag ?? null,
        handled,
        dead,
        repeated,
        fallbacks,
        partitions: partitions.length,
      };
      write(`${JSON.stringify({ at: new Date().toISOString(), ...counts, problem: problem ?? null })}\n`);
      return;
    }
    const troubles = [
      dead > 0 && `${dead} dead`,
      repeated > 0 && `${repeated} taken again`,
      fallbacks > 0 && `${fallbacks} by fallback`,
      problem,
    ].filter(Boolean);
    say(
      [`${perSecond}/s`, `lag ${lag ?? 'unknown'}`, `${partitions.length} partitions`, state, ...troubles].join(' · '),
    );
  };
  const timer = setInterval(() => void tell(), SECOND_MS);
  return () => clearInterval(timer);
}

export const command: Command<undefined> = {
  options: [
    { name: 'at-least-once', type: 'flag', sentence: 'Decisions without transactions: cheaper, and after a crash some are sent twice.' },
  ], // prettier-ignore
  settings: READ_SETTINGS,
  example: 'sentinel work --kafka-brokers localhost:9092 --redis-host localhost',
  async run(input) {
    const { given, config, signal, say } = input;
    const settings = config();
    const delivery = given.flag('at-least-once') ? 'at-least-once' : 'exactly-once';
    const worker = await startStreamWorker(settings, createLog(settings.logLevel), delivery);
    say(`Sentinel ${worker.modelVersion} works on the stream, ${delivery.replaceAll('-', ' ')}. Ctrl-C ends it.`);
    const page = settings.workerPort === 0 ? undefined : await openFiguresPage({
      host: settings.host,
      port: settings.workerPort,
      metricsText: worker.metricsText,
      notReady: () => (worker.status().state === 'running' ? undefined : (worker.status().problem ?? worker.status().state)),
    }).catch(async (error: unknown) => {
      await worker.close();
      throw error;
    });
    if (page !== undefined) say(`Figures at ${page.url}/metrics`);
    const silence = report(worker, input);
    const failure = await Promise.race([worker.failed, untilAborted(signal)]);
    silence();
    await page?.close();
    await worker.close();
    if (failure !== undefined) throw failure;
    say('Stopped; what was begun is finished or left to the others.');
    return undefined;
  },
  render: () => '',
}; // prettier-ignore
