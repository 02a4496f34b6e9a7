/** Answers that become ready in any order, written to a response in the order asked, as fast as it takes them. */
import { type Writable } from 'node:stream';

export interface OrderedOutput {
  /** Takes the next place; the text is written once it and everything before it are there. */
  put(text: Promise<string>): void;
  /** Whether another place may be taken: fewer than `window` are open and the reader keeps up, or it has gone. */
  hasRoom(): boolean;
  /** Resolves when another place may be taken. */
  room(): Promise<void>;
  /** Resolves when all has been written or the reader has gone. */
  finished(): Promise<void>;
}

/** `texts` must not reject. Texts that are ready in the same turn of the event loop go out in one write. */
export function createOrderedOutput(output: Writable, window: number): OrderedOutput {
  let places: { text: string | undefined }[] = [];
  let blocked = false;
  let gone = false;
  let scheduled = false;
  let wake: (() => void) | undefined;

  const flush = (): void => {
    scheduled = false;
    let ready = 0;
    let chunk = '';
    for (let place = places[0]; place?.text !== undefined; place = places[++ready]) chunk += place.text;
    if (ready > 0) {
      places = places.slice(ready);
      if (!gone && !output.write(Buffer.from(chunk))) blocked = true;
    }
    wake?.();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  output.on('drain', () => {
    blocked = false;
    wake?.();
  });
  output.on('close', () => {
    gone = true;
    wake?.();
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
  };

  const hasRoom = (): boolean => gone || (places.length < window && !blocked);

  return {
    hasRoom,
    put(text) {
      const place: { text: string | undefined } = { text: undefined };
      places.push(place);
      void text.then((ready) => {
        place.text = ready;
        if (places[0] === place) schedule();
      });
    },
    room: () => until(hasRoom),
    finished: () => until(() => places.length === 0),
  };
}
