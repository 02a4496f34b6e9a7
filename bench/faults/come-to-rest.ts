/** Waits until everything sent has been dealt with by everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '../../src/adapters/kafka/client.ts';
import { groupLag } from '../../src/adapters/kafka/group-lag.ts';
import { unendedTransactions } from '../../src/adapters/kafka/unended-transactions.ts';
import { type Fleet } from './fleet.ts';
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

type Wait = (what: string, left: () => Promise<number | undefined> | number) => Promise<void>;

/** Waits until there is nothing left, all together no longer than LONGEST_MS; what there is left goes to `unrest`. */
function waitWith({ say, signal }: Pick<RestOptions, 'say' | 'signal'>, unrest: string[]): Wait {
  const until = performance.now() + LONGEST_MS;
  return async (what, left) => {
    say(`waiting for ${what}`);
    let last: number | undefined;
    do {
      signal.throwIfAborted();
      last = await Promise.resolve(left()).catch(() => undefined); // it cannot tell now
      if (last === 0) return;
      await sleep(LOOK_EVERY_MS);
    } while (performance.now() < until);
    unrest.push(`${what}: ${last ?? 'unknown'} left after ${LONGEST_MS / 1_000} s`);
  };
}

/** Waits for what lies between the journal and those who follow it. */
async function followersRest(wait: Wait, { addresses, journalKey }: Pick<RestOptions, 'addresses' | 'journalKey'>) {
  await wait('claims to be confirmed', () => countPending(addresses.redis));
  const { records } = await readJournal(addresses.broker, journalKey);
  const last = records.at(-1)?.seq ?? 0;
  await wait('rows of the ledger', async () => Math.max(0, last - (await ledgerPosition(addresses.postgres))));
}

/** A sentence for each thing that does not come to rest, and for each transaction that may keep it from it. */
export async function comeToRest(options: RestOptions): Promise<readonly string[]> {
  const { addresses, http, topics } = options;
  const admin = createKafka({ brokers: [addresses.broker] }).admin();
  await admin.connect();
  const unrest: string[] = [];
  const wait = waitWith(options, unrest);
  const lag = async (): Promise<number> => {
    const all = await groupLag(admin, GROUP, ['transactions', 'labels']);
    return all.reduce((sum, { messages }) => sum + messages, 0);
  };
  try {
    await wait('answers by HTTP', () => http.waiting());
    await wait('messages to be taken by the broker', () => topics.waiting());
    await wait('messages to be handled', lag);
    await followersRest(wait, options);
    const unended = unrest.length === 0 ? [] : await unendedTransactions({ brokers: [addresses.broker] }, ['journal', 'decisions', 'alerts']); // prettier-ignore
    unrest.push(...unended.map((each) => `a transaction at offset ${each.offset} of ${each.topic}-${each.partition} without an end`)); // prettier-ignore
  } finally {
    await admin.disconnect();
  }
  return unrest;
}

/**
 * Ends the fleet. What it began for clients that had gone away may be left unconfirmed, as at any end; then an instance
 * begun anew must finish it. A sentence for each thing that does not end well.
 */
export async function endInRest(
  fleet: Fleet,
  options: Omit<RestOptions, 'http' | 'topics'>,
): Promise<readonly string[]> {
  const unrest = [...(await fleet.end())];
  if ((await countPending(options.addresses.redis)) === 0) return unrest;
  const last = fleet.begin();
  try {
    await followersRest(waitWith(options, unrest), options);
  } finally {
    const how = await last.end();
    if (how !== 0) unrest.push(`${last.name} ended with ${how} when told to finish`);
  }
  return unrest;
}
