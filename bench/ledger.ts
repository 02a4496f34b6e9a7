/** The ledger under millions of decisions: how fast they are projected, how fast questions are answered, and by what plans. */
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { madeUpBatches } from './ledger-decisions.ts';
import { BENCH_SOURCE, type BenchedLedger, sizeOf } from './ledger-engines.ts';
import { drawKeys, type LedgerKey, LEDGER_QUESTIONS } from './ledger-questions.ts';
import { largeTables, sequentialScans } from './ledger-plans.ts';

/** Of one transaction, as a rebuild takes them. */
const BATCH_RECORDS = 500;
const SEED = 7;
const MS_A_SECOND = 1_000;
const SAY_EVERY_RECORDS = 100_000;
/** Plans depend on the key; looking at each would take as long as asking. */
const PLANS_EVERY = 20;

export interface FillReport {
  readonly records: number;
  readonly seconds: number;
  /** While a batch is being written; making up the next one is not counted. */
  readonly recordsPerSecond: number;
  /** Of this process, µs a record: decoding, encoding, sending. */
  readonly clientCpuUs: number;
}

export interface QuestionReport {
  readonly question: string;
  readonly asked: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Large tables read from end to end. */
  readonly sequentialScans: readonly string[];
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

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

async function measure(
  { store, database, statements }: BenchedLedger,
  question: (typeof LEDGER_QUESTIONS)[number],
  keys: readonly LedgerKey[],
  large: ReadonlySet<string>,
): Promise<QuestionReport> {
  const times: number[] = [];
  const scans = new Set<string>();
  for (const [index, key] of keys.entries()) {
    statements();
    const beginMs = performance.now();
    await question.ask(store, key);
    times.push(performance.now() - beginMs);
    if (index % PLANS_EVERY !== 0) continue;
    for (const statement of statements()) {
      for (const table of await sequentialScans(database, statement, large)) scans.add(table);
    }
  }
  times.sort((a, b) => a - b);
  return {
    question: question.name,
    asked: keys.length,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    maxMs: times.at(-1) ?? 0,
    sequentialScans: [...scans].sort(),
  };
}
/** Fills the ledger unless it holds so many made-up decisions already, then asks everything of it. */
export async function benchLedger(ledger: BenchedLedger, options: LedgerBenchOptions): Promise<LedgerReport> {
  const { database, store } = ledger;
  const filled = (await store.position(BENCH_SOURCE)) === 0 ? await fill(ledger, options) : undefined;
  options.say('analysing');
  await sql`vacuum (analyze)`.execute(database);
  const large = await largeTables(database);
  const keys = await drawKeys(database, options.keys, SEED);
  const questions: QuestionReport[] = [];
  for (const question of LEDGER_QUESTIONS) {
    await nextTurn();
    options.signal.throwIfAborted();
    const report = await measure(ledger, question, keys, large);
    questions.push(report);
    options.say(`${report.question}: p50 ${report.p50Ms.toFixed(1)} p99 ${report.p99Ms.toFixed(1)} ms${report.sequentialScans.length > 0 ? `, reads all of ${report.sequentialScans.join(', ')}` : ''}`); // prettier-ignore
  }
  const { bytes, decisions } = await sizeOf(database);
  return {
    engine: ledger.name,
    decisions,
    ...(filled && { fill: filled }),
    databaseBytes: bytes,
    questions,
  };
} // prettier-ignore
