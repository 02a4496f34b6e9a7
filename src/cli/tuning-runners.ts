/** Threads that run trials side by side over one copy of the table. */
import { type Worker } from 'node:worker_threads';
import { startThread } from '../adapters/system/start-thread.ts';
import { type TrainingTable } from '../training/table.ts';
import { type TrialOutcome, type TrialRunner } from '../usecases/tune-learner.ts';
import { type TuningOrder, type TuningReport, type TuningWord } from './tuning-thread.ts';

export interface TuningRunners {
  readonly runners: readonly TrialRunner[];
  close(): Promise<void>;
}

const ENTRY = new URL('tuning-thread', import.meta.url);

/** Opens `count` threads; the columns are copied once, into memory that all share. */
export function openTuningRunners(order: TuningOrder, count: number): TuningRunners {
  const shared = { ...order, table: sharedTable(order.table) };
  const threads = Array.from({ length: count }, () => startThread(ENTRY, shared));
  return {
    runners: threads.map(runnerOn),
    close: async () => void (await Promise.all(threads.map((thread) => thread.terminate()))),
  };
}

function sharedTable(table: TrainingTable): TrainingTable {
  const numbers = (column: Float64Array): Float64Array => {
    const copy = new Float64Array(new SharedArrayBuffer(column.byteLength));
    copy.set(column);
    return copy;
  };
  const { names, kinds, rows, labels, timesMs, amounts, customers, labelsKnownMs } = table;
  return {
    names,
    kinds,
    rows,
    values: table.values.map(numbers),
    labels,
    timesMs: numbers(timesMs),
    amounts,
    customers,
    ...(labelsKnownMs && { labelsKnownMs: numbers(labelsKnownMs) }),
  };
}

function runnerOn(thread: Worker): TrialRunner {
  const tell = (word: TuningWord): void => thread.postMessage(word);
  let failure: Error | undefined;
  let fail = (error: Error): void => void (failure = error);
  thread.on('error', (error) => fail(error));
  return ({ settings }, goesOn) =>
    new Promise<TrialOutcome>((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      fail = reject;
      const listen = (message: TuningReport): void => {
        if ('steps' in message) return tell({ goesOn: goesOn(message.steps) });
        thread.off('message', listen);
        resolve(message.outcome);
      };
      thread.on('message', listen);
      tell({ settings });
    });
}
