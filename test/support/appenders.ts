/** Processes that append to a Kafka journal until they are killed, and what they were told was durable. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { range, recordsOf } from './journals.ts';
import { openOn } from './kafka.ts';

const SCRIPT = join(import.meta.dirname, '../faults/kafka/appender.ts');

export interface Appender {
  readonly child: ChildProcess;
  /** Whole lines it said so far; after its end all of them. */
  lines(): readonly string[];
  /** Resolves at its first acknowledged record. */
  readonly atWork: Promise<void>;
  readonly ended: Promise<void>;
}

export function startAppender(broker: string, prefix: string, run: string): Appender {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, broker, prefix, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  let begin!: () => void;
  const atWork = new Promise<void>((resolve, reject) => {
    begin = resolve;
    child.on('close', () => reject(new Error(`the appender ended by itself: ${told}`)));
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (/^\d/m.test(told)) begin();
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL')); // whatever became of the test
  return { child, lines: () => told.split('\n').slice(0, -1), atWork, ended };
}

/** The records an appender was told were durable: “seq id”. */
export function acknowledged(appender: Appender): readonly string[] {
  return appender.lines().filter((line) => /^\d/.test(line));
}

/** Opens the journal and counts: consecutive seqs, no id twice, nothing acknowledged missing. Returns how many records. */
export async function expectWhole(broker: string, prefix: string, told: readonly string[]): Promise<number> {
  const journal = await openOn(broker, prefix);
  try {
    const decisions = (await recordsOf(journal)) as DecisionRecord[];
    expect(decisions.map(({ seq }) => seq)).toEqual(range(1, decisions.length));
    const kept = decisions.map(({ seq, transaction }) => `${seq} ${transaction.transactionId}`);
    expect(new Set(decisions.map(({ transaction }) => transaction.transactionId)).size).toBe(kept.length);
    const known = new Set(kept);
    expect(told.filter((line) => !known.has(line))).toEqual([]);
    const last = decisions.at(-1)!;
    expect(await journal.findDecision(last.transaction.transactionId)).toEqual(last);
    expect(journal.head().seq).toBe(decisions.length);
    return decisions.length;
  } finally {
    await journal.close();
  }
}
