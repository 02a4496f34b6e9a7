/** A line to a TCP server that can be slow, narrow, silent or cut, and healed again. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';
/** Bytes handed on at once on a narrow line: small enough for an even flow, large enough to cost nothing. */
const PORTION = 1_024;
/** Bytes that wait before the sender is made to wait, as by the buffers of a real line. */
const LONGEST_QUEUE = 262_144;

export interface TcpProxy {
  readonly port: number;
  readonly address: string;
  /** What every byte waits before it goes on, in either direction, milliseconds; order is kept. */
  delay(milliseconds: number): void;
  /** How much goes through a second, in each direction of each connection; Infinity for all. */
  throttle(bytesPerSecond: number): void;
  /** Nothing goes through any more, and nobody is told: connections stay, new ones are taken, bytes are lost for good. */
  partition(): void;
  /** Resets every connection; new ones are reset too, until `heal`. */
  cut(): void;
  /** Cuts the line when clients send something once more than so often. */
  cutAfter(messages: number): void;
  /**
   * A sound line again. Connections from before a partition are reset, for bytes of theirs are lost: as a real network
   * would, once it is back and one side hears of sequence numbers it does not know.
   */
  heal(): void;
  /** Connections that are open now. */
  readonly connections: () => number;
  close(): Promise<void>;
}

interface Line {
  readonly sockets: readonly Socket[];
  /** Bytes of it were swallowed. */
  torn: boolean;
}

interface Condition {
  delayMs: number;
  bytesPerSecond: number;
  messagesLeft: number;
  state: 'sound' | 'partitioned' | 'cut';
}

const SOUND: Condition = { delayMs: 0, bytesPerSecond: Infinity, messagesLeft: Infinity, state: 'sound' };

/** Hands what `from` sends on to `to` in order, under the condition at the time each byte arrives. */
function pipe(from: Socket, to: Socket, line: Line, condition: Condition): void {
  const queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  let queued = 0;
  let freeAtMs = 0; // when the last byte of the queue will have gone through
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const regulate = (): void => {
    if (queued > LONGEST_QUEUE || to.writableNeedDrain) from.pause();
    else from.resume();
  };
  const deliver = (): void => {
    timer = undefined;
    if (to.destroyed) return;
    while (queue.length > 0 && queue[0]!.dueMs <= performance.now()) {
      const { bytes } = queue.shift()!;
      queued -= bytes.length;
      if (condition.state === 'sound') to.write(bytes);
      else line.torn = true;
    }
    regulate();
    if (queue.length > 0) timer = setTimeout(deliver, queue[0]!.dueMs - performance.now()).unref();
    else if (ended && condition.state === 'sound') to.end();
  };
  from.on('data', (bytes: Buffer) => {
    if (condition.state !== 'sound') {
      line.torn = true;
      return;
    }
    const portion = Number.isFinite(condition.bytesPerSecond) ? PORTION : bytes.length;
    for (let at = 0; at < bytes.length; at += portion) {
      const part = bytes.subarray(at, at + portion);
      freeAtMs = Math.max(performance.now() + condition.delayMs, freeAtMs) + (part.length / condition.bytesPerSecond) * 1_000; // prettier-ignore
      queue.push({ bytes: part, dueMs: freeAtMs });
      queued += part.length;
    }
    if (timer === undefined) deliver();
    regulate();
  });
  to.on('drain', regulate);
  from.on('end', () => {
    ended = true;
    if (condition.state !== 'sound') line.torn = true;
    else if (timer === undefined) deliver();
  });
}

/** Takes a connection and keeps it to itself. */
function swallow(client: Socket): Line {
  client.on('data', () => undefined);
  client.on('error', () => undefined);
  return { sockets: [client], torn: true };
}

/** Listens on `listenPort` (a free one by default) and hands everything on to `port` of this machine. */
export async function aTcpProxy(port: number, listenPort = 0): Promise<TcpProxy> {
  const condition: Condition = { ...SOUND };
  const lines = new Set<Line>();
  const reset = (line: Line): void => {
    for (const socket of line.sockets) socket.resetAndDestroy();
    lines.delete(line);
  };
  const cut = (): void => {
    condition.state = 'cut';
    for (const line of [...lines]) reset(line);
  };
  const join = (client: Socket): Line => {
    const far = connect({ port, host: LOOPBACK, allowHalfOpen: true });
    const line: Line = { sockets: [client, far], torn: false };
    for (const socket of line.sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => {
        if (condition.state === 'partitioned') line.torn = true;
        else reset(line);
      });
    }
    client.on('data', () => {
      if (condition.state === 'sound' && condition.messagesLeft-- <= 0) cut();
    });
    pipe(client, far, line, condition);
    pipe(far, client, line, condition);
    return line;
  };
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    if (condition.state === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const line = condition.state === 'partitioned' ? swallow(client) : join(client);
    lines.add(line);
    let open = line.sockets.length;
    for (const socket of line.sockets) socket.on('close', () => --open === 0 && lines.delete(line));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listenPort, LOOPBACK, resolve));
  const at = (server.address() as AddressInfo).port; // listening on TCP
  return {
    port: at,
    address: `${LOOPBACK}:${at}`,
    delay: (milliseconds) => void (condition.delayMs = milliseconds),
    throttle: (bytesPerSecond) => void (condition.bytesPerSecond = bytesPerSecond),
    partition: () => void (condition.state = 'partitioned'),
    cut,
    cutAfter: (messages) => void (condition.messagesLeft = messages),
    heal() {
      Object.assign(condition, SOUND);
      for (const line of [...lines]) if (line.torn) reset(line);
    },
    connections: () => lines.size,
    async close() {
      for (const line of [...lines]) reset(line);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
