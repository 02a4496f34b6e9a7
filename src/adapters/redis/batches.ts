/** Gathers steps into calls, for a call costs as much as several steps within one. */

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

/**
 * One call is under way at a time: items added in one turn of the loop, or until the call before returns, go together, in
 * their order, if they are of one epoch. `send` replies to each of them.
 */
export function createBatches<Item extends { readonly epoch: number }, Reply>(
  send: (items: readonly Item[]) => Promise<readonly Reply[]>,
): Batches<Item, Reply> {
  const waiting: Waiting<Item, Reply>[] = [];
  let isSending = false;

  const take = (): readonly Waiting<Item, Reply>[] => {
    const { epoch } = waiting[0]!.item;
    const end = waiting.findIndex(({ item }, at) => at === LARGEST || item.epoch !== epoch);
    return waiting.splice(0, end === -1 ? waiting.length : end);
  };
  const sendAll = async (): Promise<void> => {
    await undefined; // what is added in this turn of the loop goes along
    while (waiting.length > 0) {
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
