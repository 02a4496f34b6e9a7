/** Waits until everything sent has been dealt with by everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '../../src/adapters/kafka/client.ts';
import { groupLag } from '../../src/adapters/kafka/group-lag.ts';
import { unendedTransactions } from '../../src/adapters/kafka/unended-transactions.ts';
import { type HttpClient } from './http-client.ts';
import { type ServerAddresses } from '../own-servers.ts';
import { readJournal } from './readers/read-journal.ts';
import { ledgerPosition } from './readers/read-ledger.ts';
import { countPending } from './readers/read-redis.ts';
import { type TopicClient } from './topic-client.ts';

export interface RestOptions {
  readonly addresses: ServerAddresses;
  readonly journalKey: string;
  readonly http: HttpClient;
  readonly topics: TopicClient;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The consumer group of workers, unless it is set otherwise. */
const GROUP = 'sentinel';
/** For all together: far more than a sweep, which takes up what is half a minute old, and a restoration. */
const LONGEST_MS = 300_000;
const LOOK_EVERY_MS = 500;

/** A sentence for each thing that does not come to rest, and for each transaction that may keep it from it. */
export async function comeToRest(options: RestOptions): Promise<readonly string[]> {
  const { addresses, journalKey, http, topics, say, signal } = options;
  const admin = createKafka({ brokers: [addresses.broker] }).admin();
  await admin.connect();
  const unrest: string[] = [];
  const until = performance.now() + LONGEST_MS;
  /** Waits until `left` says 0; it says undefined while it cannot tell. */
  const wait = async (what: string, left: () => Promise<number | undefined> | number): Promise<void> => {
    say(`waiting for ${what}`);
    let last: number | undefined;
    do {
      signal.throwIfAborted();
      last = await Promise.resolve(left()).catch(() => undefined);
      if (last === 0) return;
      await sleep(LOOK_EVERY_MS);
    } while (performance.now() < until);
    unrest.push(`${what}: ${last ?? 'unknown'} left ${LONGEST_MS / 1_000} s after the last was sent`);
  };
  const lag = async (): Promise<number> => {
    const all = await groupLag(admin, GROUP, ['transactions', 'labels']);
    return all.reduce((sum, { messages }) => sum + messages, 0);
  };
  try {
    await wait('answers by HTTP', () => http.waiting());
    await wait('messages to be taken by the broker', () => topics.waiting());
    await wait('messages to be handled', lag);
    await wait('claims to be confirmed', () => countPending(addresses.redis));
    const { records } = await readJournal(addresses.broker, journalKey);
    const last = records.at(-1)?.seq ?? 0;
    await wait('rows of the ledger', async () => Math.max(0, last - (await ledgerPosition(addresses.postgres))));
    const unended = unrest.length === 0 ? [] : await unendedTransactions({ brokers: [addresses.broker] }, ['journal', 'decisions', 'alerts']); // prettier-ignore
    unrest.push(...unended.map((each) => `a transaction at offset ${each.offset} of ${each.topic}-${each.partition} without an end`)); // prettier-ignore
  } finally {
    await admin.disconnect();
  }
  return unrest;
}
