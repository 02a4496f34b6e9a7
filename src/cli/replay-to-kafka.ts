/** Payments of a file, or simulated ones, sent to the topics of transactions and labels. */
import { createTransactionSource } from '../adapters/duckdb/transaction-source.ts';
import { openPaymentSink } from '../adapters/kafka/payment-sink.ts';
import { getMapping } from '../datasets/mappings.ts';
import { requireRows } from '../datasets/require-rows.ts';
import { type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { type Pace, sendPayments, type StreamProgress } from '../load/payment-stream.ts';
import { runMarker } from '../load/run-marker.ts';
import { createSimulation, DEFAULT_SIMULATION } from '../simulation/simulation.ts';
import { type CommandInput } from './command.ts';
import { requireCluster } from './kafka-cluster.ts';
import { cleaningNotice } from './render-cleaning.ts';
import { requireFiles } from './training-data.ts';

async function* paymentsOf(file: string, { given, say }: CommandInput): AsyncGenerator<LabelledTransaction, void> {
  const opened = await createTransactionSource().open(getMapping(given.text('mapping')), [file]);
  try {
    for await (const batch of opened.read()) yield* batch;
    requireRows(opened.report(), [file]);
    cleaningNotice(opened.report()).forEach(say);
  } finally {
    opened.close();
  }
}

/** Under ids of this run alone: payments sent before would be known. */
function* simulated(marker: string): Generator<LabelledTransaction, void> {
  for (const { transaction, ...rest } of createSimulation(DEFAULT_SIMULATION)) {
    yield { ...rest, transaction: { ...transaction, transactionId: marker + transaction.transactionId } };
  }
}

/** Until the payments end, or the signal aborts: what was sent by then is told. */
export async function replayToKafka(input: CommandInput, pace: Pace): Promise<StreamProgress> {
  const { given, config, signal, progress } = input;
  const cluster = requireCluster(config());
  const file = given.optionalText('data');
  if (file !== undefined) await requireFiles([file]);
  const marker = runMarker('replay');
  const sink = await openPaymentSink(cluster);
  const bar = progress('replay', undefined, 'payments');
  try {
    const sent = await sendPayments({
      payments: () => (file === undefined ? simulated(marker) : paymentsOf(file, input)),
      pace,
      loop: given.flag('loop'),
      dated: given.flag('keep-times'),
      sink,
      signal,
      nowMs: () => performance.now(),
      onSecond: ({ payments }) => bar.update(payments),
    });
    bar.finish();
    return sent;
  } finally {
    await sink.close();
  }
}
