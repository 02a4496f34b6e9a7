/** The load generator as its own process: takes one order as a message, runs it, answers with the report. */
import { type LoadOrder, runOrder } from '../src/load/load-order.ts';

process.once('message', (order: LoadOrder) => {
  runOrder(order).then(
    (outcome) => process.send!({ outcome }, () => process.exit(0)),
    (error: unknown) => process.send!({ error: String(error) }, () => process.exit(1)),
  );
});
