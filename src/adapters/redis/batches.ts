/** Gathers steps into calls, for a call costs as much as several steps within one. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Batches<Item, Reply> {
  /** Resolves with the reply to this item; rejects when its call fails. */
  add(item: Item): Promise<Reply>;
}

interface Waiting<Item, Reply> {
  readonly item: Item;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** The longest call: others wait for the server while it runs one. */
const LARGEST = 32;
/** Between the beginnings of two calls that are not full; a step that comes alone does not wait. */
const INTERVAL_MS = 4;

/**
 * One call is under way at a time, and one begins every `intervalMs`: items added in one turn of the loop, or until then, go
 * together, in their order, if they are of one epoch. `send` replies to each of them.
 */
export function createBatches<Item extends { readonly epoch: number }, Reply>(
  send: (items: readonly Item[]) => Promise<readonly Reply[]>,
  intervalMs = INTERVAL_MS,
): Batches<Item, Reply> {
  const waiting: Waiting<Item, Reply>[] = [];
  let isSending = false;
  let startedMs = -Infinity;

  const take = (): readonly Waiting<Item, Reply>[] => {
    const { epoch } = waiting[0]!.item;
    const end = waiting.findIndex(({ item }, at) => at === LARGEST || item.epoch !== epoch);
    return waiting.splice(0, end === -1 ? waiting.length : end);
  };
  const sendAll = async (): Promise<void> => {
    await undefined; // what is added in this turn of the loop goes along
    while (waiting.length > 0) {
      const earlyMs = startedMs + intervalMs - performance.now();
      if (earlyMs > 0 && waiting.length < LARGEST) await sleep(earlyMs);
      startedMs = performance.now();
      const batch = take();
      try {
        const replies = await send(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, at) => resolve(replies[at]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isSending = false;
  };
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (isSending) return;
        isSending = true;
        void sendAll();
      }),
  };
}
