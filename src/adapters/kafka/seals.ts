/**
 * Seals over the journal's topic: for each partition a chain of MACs over what lies between two offsets, in another topic.
 *
 * A record's own MAC shows that it was changed, its seq that one is missing. A seal shows besides that a claim or a
 * repeated record was taken out or put in, or the end of a partition cut off.
 *
 *     key    partition, decimal
 *     value  JSON: partition, from, to (the offset after the last), messages, previous (MAC of the seal before, hex), mac
 *
 * The MAC is over partition, from, to, messages, previous and, message after message, offset and MAC.
 */
import { type KeyObject } from 'node:crypto';
import { type Mac } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { createMac } from '../system/mac.ts';
import { type FetchedMessage, type KafkaSettings } from './client.ts';
import { openIdempotentProducer } from './idempotent-producer.ts';
import { hex } from './open-topic.ts';
import { chained, lastSeals, requestsOf, type Seal, unsealedFrom } from './seal-chain.ts';
import { openTopicReader, readStretch, type TopicReader } from './topic-reader.ts';

export interface SealOptions extends KafkaSettings {
  /** Stands before the names of the topics. */
  readonly prefix?: string;
  readonly key: KeyObject;
}

/** A stretch that is not what was sealed; `unsealed` is how many messages lie behind the last seal of their partition. */
export interface SealReport {
  readonly seals: number;
  readonly messages: number;
  readonly unsealed: number;
  readonly problems: readonly { readonly partition: number; readonly from: number; readonly problem: string }[];
}

const WAIT_MS = 250;
/** Messages under one seal at most: what must be read again to find out what was changed. */
const SEALED_MESSAGES = 10_000;
const NUMBER_BYTES = 8;

/**
 * Seals what has come since the last seals; returns the new ones. For one process at a time: of two seals that follow the
 * same one, the first in the topic counts.
 */
export async function sealJournal(options: SealOptions): Promise<readonly Seal[]> {
  return withTopics(options, async ({ journal, seals, mac }) => {
    const { earliest, latest } = await journal.offsets();
    const last = lastSeals(chained(await readSeals(seals), earliest).seals);
    const made: Seal[] = [];
    for (const [partition, end] of latest.entries()) {
      let before = last.get(partition);
      let from = unsealedFrom(before, earliest[partition]!);
      while (from < end) {
        const seal = await sealOf(journal, mac, partition, from, end, before?.mac ?? '');
        if (seal === undefined) break;
        made.push(seal);
        before = seal;
        from = seal.to;
      }
    }
    if (made.length > 0) await writeSeals(options, made);
    return made;
  });
}

/** Reads all that was sealed and is still kept, and compares. */
export async function verifySeals(options: SealOptions): Promise<SealReport> {
  return withTopics(options, async ({ journal, seals, mac }) => {
    const { earliest, latest } = await journal.offsets();
    const { seals: all, broken } = chained(await readSeals(seals), earliest);
    const problems = broken.map(({ partition, from }) => ({
      partition,
      from,
      problem: 'the seals do not follow each other',
    }));
    let messages = 0;
    for (const seal of all) {
      const { partition, from, to } = seal;
      if (from < earliest[partition]!) continue; // retention has removed it, or its first part
      if (to > latest[partition]!) {
        problems.push({ partition, from, problem: `the partition ends at ${latest[partition]}, before ${to}` });
        continue;
      }
      const again = await sealOf(journal, mac, partition, from, to, seal.previous);
      messages += again?.messages ?? 0;
      if (again?.mac !== seal.mac)
        problems.push({ partition, from, problem: `what lies before ${to} is not what was sealed` });
    }
    const last = lastSeals(all);
    let unsealed = 0;
    for (const [partition, end] of latest.entries()) {
      const from = unsealedFrom(last.get(partition), earliest[partition]!);
      // Offsets do not tell: the ends of transactions have some, too, and what was given up.
      for await (const _ of readStretch(journal, partition, from, end)) unsealed += 1;
    }
    return { seals: all.length, messages, unsealed, problems };
  });
}

interface Topics {
  readonly journal: TopicReader;
  readonly seals: TopicReader;
  readonly mac: Mac;
}

async function withTopics<T>(options: SealOptions, work: (topics: Topics) => Promise<T>): Promise<T> {
  const { prefix = '' } = options;
  const journal = await openTopicReader(options, `${prefix}journal`);
  try {
    const seals = await openTopicReader(options, `${prefix}seals`);
    try {
      return await work({ journal, seals, mac: createMac(options.key) });
    } finally {
      await seals.close();
    }
  } finally {
    await journal.close();
  }
}

/** The seal over what begins at `from`, up to `end` at most; undefined when nothing is there. */
async function sealOf(
  journal: TopicReader,
  mac: Mac,
  partition: number,
  from: number,
  end: number,
  previous: string,
): Promise<Seal | undefined> {
  const parts: Uint8Array[] = [];
  let to = from;
  let messages = 0;
  for (let at = from; at < end && messages < SEALED_MESSAGES;) {
    const [answer] = await journal.fetch(new Map([[partition, at]]), WAIT_MS);
    if (answer === undefined || answer.next === at) break;
    at = answer.next;
    to = Math.min(answer.next, end);
    for (const message of answer.messages) {
      if (Number(message.offset) >= end) break;
      if (messages === SEALED_MESSAGES) {
        to = Number(message.offset);
        break;
      }
      parts.push(numbers(Number(message.offset)), macOf(message));
      messages += 1;
    }
  }
  if (to === from) return undefined;
  const own = mac(numbers(partition, from, to, messages), Buffer.from(previous, 'hex'), ...parts);
  return { partition, from, to, messages, previous, mac: hex(own) };
}

function macOf({ headers }: FetchedMessage): Uint8Array {
  const mac = headers['mac'];
  return mac instanceof Uint8Array ? mac : new Uint8Array();
}

function numbers(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES * values.length);
  values.forEach((value, index) => viewOf(bytes).setFloat64(NUMBER_BYTES * index, value, true));
  return bytes;
}

/** All seals in the order of the topic, which has one partition. */
async function readSeals(seals: TopicReader): Promise<Seal[]> {
  const { earliest, latest } = await seals.offsets();
  const all: Seal[] = [];
  for (let at = earliest[0]!; at < latest[0]!;) {
    const [answer] = await seals.fetch(new Map([[0, at]]), WAIT_MS);
    for (const { value } of answer?.messages ?? []) all.push(JSON.parse(String(value)) as Seal); // its MAC tells the truth
    at = answer?.next ?? at;
  }
  return all;
}

async function writeSeals(options: SealOptions, seals: readonly Seal[]): Promise<void> {
  const producer = await openIdempotentProducer(options, `${options.prefix ?? ''}seals`);
  try {
    for (const request of requestsOf(seals)) await producer.send(request);
  } finally {
    await producer.close();
  }
}
