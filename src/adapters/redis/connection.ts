/** One connection to the primary: the library is there, calls are bounded, and every failure has our own name. */
import { createHash } from 'node:crypto';
import { Redis } from 'iovalkey';
import { SentinelError } from '../../domain/errors.ts';
import { FunctionCall, type Joined, type Value } from './function-call.ts';
import { type FunctionName, libraryOf } from './functions.ts';
import { createPatience } from './patience.ts';

export interface RedisOptions {
  /** redis:// or rediss://, user, password and database included. */
  readonly url: string;
  /** What all keys begin with; several services may share a server. */
  readonly name: string;
  /** A call not answered within this is given up; whether it was done is not known then. */
  readonly timeoutMs: number;
  /** Calls that may wait for their answer at once. */
  readonly maxWaiting: number;
}

/** How long what may be forgotten is kept. */
export interface Retention {
  /** An answered id. */
  readonly idWindowMs: number;
  /** Its decision beside it; afterwards it is read from the ledger. */
  readonly answerMs: number;
  /** A label in force, for its rank against later ones. */
  readonly labelMs: number;
}

export interface RedisConnection {
  /** Of the library: what another version keeps, this one takes for lost. */
  readonly version: string;
  /** The raw client, for plain commands. */
  readonly client: Redis;
  /** The epoch last heard of; 0 before the first. */
  epoch(): number;
  setEpoch(epoch: number): void;
  /** `name:key` */
  key(key: string): string;
  /** `name:epoch:key`, with `id` behind it. */
  keyOf(key: string, id?: string): string;
  keyOf(key: string, id: Uint8Array): Joined;
  /** Calls a function of the library, within bounds and under our error names. */
  call(name: FunctionName, keys: readonly Value[], args: readonly Value[]): Promise<unknown>;
  /** The same without bounds or names: for a step of what `run` waits for. */
  command(name: FunctionName, keys: readonly Value[], args: readonly Value[]): Promise<unknown>;
  /** What `work` sends leaves in one write, which costs as much as a command. */
  together<T>(work: () => T): T;
  /** Throws NOT_READY when the epoch last heard of is another one. */
  expectEpoch(epoch: number): void;
  /** What says that the store was restored while a payment was under way. */
  notReady(): SentinelError;
  /** Any command under the same bounds and error names. */
  run<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const RECONNECT_FIRST_MS = 50;
const RECONNECT_LAST_MS = 2_000;

const RESTORED = 'profiles were restored while the payment was under way';
const notReady = (reason: string, cause?: unknown): SentinelError => new SentinelError('NOT_READY', { reason }, cause);

/** The server takes no call now and says why: MISCONF, NOREPLICAS, BUSY … All that is wrong with a call itself begins with these. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && !/^(ERR|WRONGTYPE) /.test(error.message);

/** Connects and loads the library. Rejects STORE_UNAVAILABLE when the server does not answer within the time-out, or cannot be used. */
export async function openRedis(options: RedisOptions): Promise<RedisConnection> {
  const { name, timeoutMs, maxWaiting } = options;
  const { version, text } = libraryOf((source) => createHash('sha256').update(source).digest('hex'));
  const client = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false, // a payment waits for nothing that may never come
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    enableAutoPipelining: false, // measured: it costs more than it saves at one call a payment
    retryStrategy: (attempt: number) => Math.min(RECONNECT_FIRST_MS * attempt, RECONNECT_LAST_MS),
  });
  let lastProblem = 'not connected';
  let epoch = 0;
  let prefix = '';
  const patience = createPatience(timeoutMs, () => client.disconnect(true));
  client.on('error', (error: Error) => (lastProblem = error.message));

  const setEpoch = (next: number): void => {
    epoch = next;
    prefix = `${name}:${epoch}:`;
  };
  setEpoch(0);

  const loadLibrary = async (): Promise<void> => {
    try {
      await client.call('FUNCTION', 'LOAD', text);
    } catch (error) {
      if (!String(error).includes('already exists')) throw error;
    }
  };

  const translated = (error: unknown): unknown => {
    const message = error instanceof Error ? error.message : String(error);
    const restored = /SENTINEL EPOCH (\d+)/.exec(message);
    if (restored !== null) {
      setEpoch(Number(restored[1]));
      return notReady(RESTORED, error);
    }
    if (message.includes('SENTINEL UNKNOWN')) return notReady(RESTORED, error); // prettier-ignore
    if (message.includes('SENTINEL RESTORING')) return notReady('profiles are being restored', error);
    if (message.includes('Function not found')) {
      loadLibrary().catch((cause: Error) => (lastProblem = cause.message));
      return notReady('profiles are being restored', error);
    }
    if (message.startsWith('OOM')) return notReady('Redis has no memory left', error);
    if (isRefusal(error)) {
      // One that is a replica now may keep its connections, though the name is that of another already.
      if (message.startsWith('READONLY') && client.status === 'ready') client.disconnect(true);
      return notReady(`Redis refuses: ${message}`, error);
    }
    const isUnsent = message === '' || /Connection is closed|Stream isn't writeable/.test(message); // says nothing of the cause
    const lost = isUnsent || client.status !== 'ready' || message.includes('timed out');
    return lost ? notReady(`Redis does not answer: ${isUnsent ? lastProblem : message}`, error) : error;
  };

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (patience.waiting() >= maxWaiting) throw new SentinelError('OVERLOADED');
    try {
      return await patience.limit(work());
    } catch (error) {
      throw translated(error);
    }
  };

  const command = (functionName: FunctionName, keys: readonly Value[], args: readonly Value[]): Promise<unknown> =>
    client.sendCommand(new FunctionCall(`${functionName}_${version}`, keys, args)) as Promise<unknown>;

  function keyOf(key: string, id?: string): string;
  function keyOf(key: string, id: Uint8Array): Joined;
  function keyOf(key: string, id: Uint8Array | string = ''): string | Joined {
    return typeof id === 'string' ? prefix + key + id : { text: prefix + key, bytes: id };
  }

  client.on('ready', () => {
    lastProblem = 'the connection is lost'; // as long as nothing says why it cannot be made again
    loadLibrary().catch((error: Error) => (lastProblem = error.message));
  });
  try {
    await client.connect();
    // The client itself goes on in database 0 where it may not have the one it was told, which may be that of others.
    const database = Number(client.options.db ?? 0);
    if (database !== 0) await client.select(database);
    await loadLibrary();
  } catch (error) {
    patience.end();
    client.disconnect();
    const problem = error instanceof Error && error.name === 'ReplyError' ? error.message : lastProblem;
    throw new SentinelError('STORE_UNAVAILABLE', { address: new URL(options.url).host, problem }, error);
  }

  return {
    version,
    client,
    epoch: () => epoch,
    setEpoch,
    key: (key) => `${name}:${key}`,
    keyOf,
    call: (functionName, keys, args) => run(() => command(functionName, keys, args)),
    command,
    together(work) {
      const stream = client.stream as Redis['stream'] | undefined; // there is none while the server is away
      stream?.cork();
      try {
        return work();
      } finally {
        stream?.uncork();
      }
    },
    expectEpoch(given) {
      if (given !== epoch) throw notReady(RESTORED);
    },
    notReady: () => notReady(RESTORED),
    run,
    async close() {
      await patience.limit(client.quit()).catch(() => undefined); // it may be gone already, or silent
      patience.end();
      client.disconnect();
    },
  };
}
