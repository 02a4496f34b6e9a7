/** What Redis keeps of its epoch in force, key by key, without any of the product’s functions. */
import { Redis } from 'iovalkey';

export interface ReadRedis {
  /** Histories by entity, its key as hex digits. */
  readonly histories: ReadonlyMap<string, Buffer>;
  /** Claims by transaction id. */
  readonly claims: ReadonlyMap<string, Buffer>;
  /** Ids of payments with a label in force, and with labels that wait. */
  readonly labelled: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  /** Begun and not confirmed: members as src/adapters/redis/functions.ts names them. */
  readonly pending: readonly string[];
}

/** The name that all keys begin with, unless it is set otherwise. */
const NAME = 'sentinel';
const SCAN_COUNT = 1_000;
const EPOCH_BYTES = 6;

const connect = async (url: string): Promise<Redis> => {
  const client = new Redis(url, { lazyConnect: true });
  await client.connect();
  return client;
};

/** What keys of the epoch in force begin with; undefined while there is no store. */
async function prefixOf(client: Redis): Promise<string | undefined> {
  const order = await client.getBuffer(`${NAME}:order`);
  return order === null ? undefined : `${NAME}:${order.readUIntLE(0, EPOCH_BYTES)}:`;
}

/** How much is begun and not confirmed; undefined while there is no store. */
export async function countPending(url: string): Promise<number | undefined> {
  const client = await connect(url);
  try {
    const prefix = await prefixOf(client);
    return prefix === undefined ? undefined : await client.zcard(`${prefix}pending`);
  } finally {
    client.disconnect();
  }
}

export async function readRedis(url: string): Promise<ReadRedis> {
  const client = await connect(url);
  try {
    const prefix = await prefixOf(client);
    if (prefix === undefined) throw new Error('Redis holds no store');
    const [histories, claims] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
    const [labelled, waiting] = [new Set<string>(), new Set<string>()];
    for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
      const [next, found] = await client.scanBuffer(cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT);
      cursor = next.toString();
      const keys = found.map((key) => key.subarray(prefix.length));
      const isValue = (key: Buffer): boolean => key[0] === HISTORY || key[0] === CLAIM;
      const wanted = found.filter((_, index) => isValue(keys[index]!) && !isNamed(keys[index]!));
      const values = wanted.length === 0 ? [] : await client.mgetBuffer(...wanted);
      wanted.forEach((key, index) => {
        const [kind, id, value] = [key[prefix.length]!, key.subarray(prefix.length + 1), values[index]];
        if (value == null) return;
        if (kind === HISTORY) histories.set(id.toString('hex'), value);
        else claims.set(id.toString(), value);
      });
      for (const key of keys) {
        if (isNamed(key)) continue;
        if (key[0] === LABEL) labelled.add(key.subarray(1).toString());
        if (key[0] === WAITING) waiting.add(key.subarray(1).toString());
      }
    }
    return { histories, claims, labelled, waiting, pending: await client.zrange(`${prefix}pending`, 0, -1) };
  } finally {
    client.disconnect();
  }
}

const [HISTORY, CLAIM, LABEL, WAITING] = ['p', 'c', 'l', 'w'].map((letter) => letter.charCodeAt(0)) as [number, number, number, number]; // prettier-ignore
/** Keys of one of a kind, which begin with the same letters. */
const NAMED = ['pending', 'waiting'];
const isNamed = (key: Buffer): boolean => NAMED.includes(key.toString());
