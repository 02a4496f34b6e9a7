/** Byte messages both ways between two threads: through shared memory, with one wake-up for many of them. */
import { createRingMemory, createRingReader, createRingWriter, longestMessage, type RingMemory } from './ring.ts';

/** Tells the other thread to look into its ring. */
const WAKE = 0;
/** How long until a message that found its ring full is tried again. */
const RETRY_MS = 1;

/** What both a thread and its parent can be spoken to through. */
export interface Port {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  postMessage(message: unknown): void;
}

/** The two rings, as one end sees them. */
export interface LaneMemory {
  readonly incoming: RingMemory;
  readonly outgoing: RingMemory;
}

/** Memory for both ends of a lane, `capacity` bytes each way (a power of two). */
export function createLaneMemory(capacity: number): { readonly here: LaneMemory; readonly there: LaneMemory } {
  const [one, other] = [createRingMemory(capacity), createRingMemory(capacity)];
  return { here: { incoming: one, outgoing: other }, there: { incoming: other, outgoing: one } };
}

export interface Lane {
  /** Sends bytes[0, length); they are copied. A RangeError when they are too many for the ring. */
  send(bytes: Uint8Array, length: number): void;
}

export interface LaneListeners {
  /** One message, valid during the call. */
  onBytes(bytes: Uint8Array, start: number, end: number): void;
  /** What came through the port beside the wake-ups. */
  onMessage(message: unknown): void;
}

/** Opens one end; messages come in the order they were sent, in turns of the event loop of their own. */
export function openLane(port: Port, memory: LaneMemory, listeners: LaneListeners): Lane {
  const reader = createRingReader(memory.incoming);
  const writer = createRingWriter(memory.outgoing);
  const longest = longestMessage(memory.outgoing);
  const backlog: Uint8Array[] = [];

  const look = (): void => {
    if (reader.drain(listeners.onBytes) || !reader.sleep()) setImmediate(look); // sockets and the disk come in between
  };

  const wake = (): void => {
    if (writer.mustWake()) port.postMessage(WAKE);
  };

  const flush = (): void => {
    while (backlog.length > 0 && writer.put(backlog[0]!, backlog[0]!.length)) backlog.shift();
    wake();
    if (backlog.length > 0) setTimeout(flush, RETRY_MS);
  };

  port.on('message', (message: unknown) => {
    if (message === WAKE) look();
    else listeners.onMessage(message);
  });
  look();

  return {
    send(bytes, length) {
      if (length > longest) throw new RangeError(`a message of ${length} bytes exceeds ${longest}`);
      if (backlog.length > 0 || !writer.put(bytes, length)) {
        if (backlog.push(bytes.slice(0, length)) === 1) setTimeout(flush, RETRY_MS);
        return;
      }
      wake();
    },
  };
}
