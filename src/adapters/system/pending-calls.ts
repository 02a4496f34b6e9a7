/** Questions to another thread or process, by number, until they are answered. */

export interface PendingCalls<T> {
  /** Sends a question under a number of its own. No answer may come before the present turn of the event loop ends. */
  begin(send: (call: number) => void): Promise<T>;
  /** Ends the call, if it is still open. */
  resolve(call: number, value: T): void;
  reject(call: number, error: unknown): void;
  rejectAll(error: unknown): void;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function createPendingCalls<T>(): PendingCalls<T> {
  const waiting = new Map<number, Waiting<T>>();
  let last = 0;
  const take = (call: number): Waiting<T> | undefined => {
    const each = waiting.get(call);
    waiting.delete(call);
    return each;
  };
  return {
    begin(send) {
      return new Promise((resolve, reject) => {
        last = (last + 1) >>> 0;
        send(last);
        waiting.set(last, { resolve, reject });
      });
    },
    resolve: (call, value) => take(call)?.resolve(value),
    reject: (call, error) => take(call)?.reject(error),
    rejectAll(error) {
      for (const each of waiting.values()) each.reject(error);
      waiting.clear();
    },
  };
}
