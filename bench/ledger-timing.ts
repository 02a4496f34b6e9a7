/** How long a question takes: each key for the first time, then again, and what its plans read. */
import { performance } from 'node:perf_hooks';
import { type BenchedLedger } from './ledger-engines.ts';
import { readPlan } from './ledger-plans.ts';
import { type LedgerKey, type LedgerQuestion } from './ledger-questions.ts';

/** Plans depend on the key; looking at each would take as long as asking. */
const PLANS_EVERY = 10;

export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface QuestionReport {
  readonly question: string;
  /** Keys, each asked about once and then once more. */
  readonly asked: number;
  readonly first: Times;
  readonly again: Times;
  /** Large tables read from end to end. */
  readonly sequentialScans: readonly string[];
  /** The most that one key made the engine visit, pages of 8 KiB. */
  readonly pages: number;
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

async function timesOf(ask: (key: LedgerKey) => Promise<unknown>, keys: readonly LedgerKey[]): Promise<Times> {
  const times: number[] = [];
  for (const key of keys) {
    const beginMs = performance.now();
    await ask(key);
    times.push(performance.now() - beginMs);
  }
  times.sort((a, b) => a - b);
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), maxMs: times.at(-1) ?? 0 };
}

export async function measureQuestion(
  { store, database, statements }: BenchedLedger,
  question: LedgerQuestion,
  keys: readonly LedgerKey[],
  large: ReadonlySet<string>,
): Promise<QuestionReport> {
  const ask = (key: LedgerKey): Promise<unknown> => question.ask(store, key);
  const first = await timesOf(ask, keys);
  const again = await timesOf(ask, keys);
  const scans = new Set<string>();
  let most = 0;
  for (const key of keys.filter((_, index) => index % PLANS_EVERY === 0)) {
    statements();
    await ask(key);
    let pages = 0;
    for (const statement of statements()) {
      const read = await readPlan(database, statement, large);
      for (const table of read.sequentialScans) scans.add(table);
      pages += read.pages;
    }
    most = Math.max(most, pages);
  }
  return { question: question.name, asked: keys.length, first, again, sequentialScans: [...scans].sort(), pages: most };
}
