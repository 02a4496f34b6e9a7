/** The ledger under millions of decisions: how fast they are projected, how fast questions are answered, and by what plans. */
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { madeUpBatches } from './ledger-decisions.ts';
import { BENCH_SOURCE, type BenchedLedger, sizeOf } from './ledger-engines.ts';
import { largeTables } from './ledger-plans.ts';
import { drawKeys, LEDGER_QUESTIONS } from './ledger-questions.ts';
import { restartBy } from './ledger-restart.ts';
import { measureQuestion, type QuestionReport, type Times } from './ledger-timing.ts';

/** Of one transaction, as a rebuild takes them. */
const BATCH_RECORDS = 500;
const SEED = 7;
const MS_A_SECOND = 1_000;
const SAY_EVERY_RECORDS = 100_000;

export interface FillReport {
  readonly records: number;
  readonly seconds: number;
  /** While a batch is being written; making up the next one is not counted. */
  readonly recordsPerSecond: number;
  /** Of this process, µs a record: decoding, encoding, sending. */
  readonly clientCpuUs: number;
}

export interface LedgerReport {
  readonly engine: string;
  readonly decisions: number;
  /** Absent when the decisions were there already. */
  readonly fill?: FillReport;
  readonly databaseBytes: number;
  readonly questions: readonly QuestionReport[];
}

export interface LedgerBenchOptions {
  readonly decisions: number;
  /** Keys drawn for each question. */
  readonly keys: number;
  /** A command that restarts the server, run before each question. */
  readonly restart?: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

async function fill({ store }: BenchedLedger, { decisions, signal, say }: LedgerBenchOptions): Promise<FillReport> {
  let [busyMs, cpuUs, records, said] = [0, 0, 0, 0];
  const startedMs = performance.now();
  for (const batch of madeUpBatches(decisions, BATCH_RECORDS, SEED)) {
    await nextTurn(); // PGlite works within this one, so that no signal would be heard
    signal.throwIfAborted();
    const beginMs = performance.now();
    const cpu = process.cpuUsage();
    await store.project({ source: BENCH_SOURCE, ...batch });
    const { user, system } = process.cpuUsage(cpu);
    busyMs += performance.now() - beginMs;
    cpuUs += user + system;
    records = batch.upTo;
    if (records - said >= SAY_EVERY_RECORDS) {
      said = records;
      say(`${records} records, ${((records / busyMs) * MS_A_SECOND).toFixed(0)} a second`);
    }
  }
  const seconds = (performance.now() - startedMs) / MS_A_SECOND;
  return { records, seconds, recordsPerSecond: (records / busyMs) * MS_A_SECOND, clientCpuUs: cpuUs / records };
}

const timesLine = ({ p50Ms, p99Ms }: Times): string => `p50 ${p50Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms`;

/** Fills the ledger unless it holds made-up decisions already, then asks everything of it. */
export async function benchLedger(ledger: BenchedLedger, options: LedgerBenchOptions): Promise<LedgerReport> {
  const { database, store } = ledger;
  const { signal, say, restart } = options;
  let filled: FillReport | undefined;
  if ((await store.position(BENCH_SOURCE)) === 0) {
    filled = await fill(ledger, options);
    say('looking after the tables');
    await ledger.lookAfter();
  }
  const large = await largeTables(database);
  const keys = await drawKeys(database, options.keys, SEED);
  const questions: QuestionReport[] = [];
  for (const question of LEDGER_QUESTIONS) {
    await nextTurn();
    signal.throwIfAborted();
    if (restart !== undefined) await restartBy(restart, ledger);
    const report = await measureQuestion(ledger, question, keys, large);
    questions.push(report);
    const scans = report.sequentialScans.length > 0 ? `, reads all of ${report.sequentialScans.join(', ')}` : '';
    say(`${report.question}: first ${timesLine(report.first)}, again ${timesLine(report.again)}, ${report.pages} pages${scans}`); // prettier-ignore
  }
  const { bytes, decisions } = await sizeOf(database);
  return {
    engine: ledger.name,
    decisions,
    ...(filled && { fill: filled }),
    databaseBytes: bytes,
    questions,
  };
}
