/** A load generator as a process of its own: it takes one order as a message, carries it out, and answers with the outcome. */
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

type Answer<Outcome> = { readonly outcome: Outcome } | { readonly error: string };

/** Rejects with what the generator failed at. `name` is the file in this folder that calls `carryOut`. */
export function generate<Order extends object, Outcome>(
  name: 'load-process' | 'stream-load-process',
  order: Order,
  signal?: AbortSignal,
): Promise<Outcome> {
  signal?.throwIfAborted();
  const entry = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(entry), { ...(signal && { signal }) });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (answer: Answer<Outcome>) => {
      if ('outcome' in answer) resolve(answer.outcome);
      else reject(new Error(answer.error));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
}

/** The generator's side: the first order ends the process. */
export function carryOut<Order, Outcome>(run: (order: Order) => Promise<Outcome>): void {
  const answer = (message: Answer<Outcome>, code: number): void =>
    void process.send!(message, () => process.exit(code));
  process.once('message', (order: Order) => {
    run(order).then(
      (outcome) => answer({ outcome }, 0),
      (error: unknown) => answer({ error: String(error) }, 1),
    );
  });
}
