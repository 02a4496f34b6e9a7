/** Lets work on one thing happen one after the other, in the order it was asked for. */

export interface Turns {
  /** Whether work begins although what was asked for before it has failed; else it fails likewise. */
  readonly goesOnAfterFailure: boolean;
}

/** Work under the same key takes turns, under other keys it does not wait; what it resolves or rejects with is its own. */
export function createInTurn({ goesOnAfterFailure }: Turns): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, goesOnAfterFailure ? work : undefined);
    last.set(key, turn);
    return turn;
  };
}
