/** How the seals of a partition follow each other, and what is sent of them at a time. */
import { type OutgoingMessage } from './envelope.ts';
import { REQUEST_MESSAGES } from './idempotent-producer.ts';

export interface Seal {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  readonly previous: string;
  readonly mac: string;
}

/** Where the next seal of a partition begins: behind the last one, or where retention has removed more than was sealed. */
export function unsealedFrom(last: Seal | undefined, earliest: number): number {
  return Math.max(last?.to ?? 0, earliest);
}

/**
 * The seals that follow each other by partition, and those that do not follow the one before. What lies between two must be
 * nothing, or be gone: retention may have removed what was not sealed in time. `earliest`: the first offset kept, by partition.
 */
export function chained(
  all: readonly Seal[],
  earliest: readonly number[],
): { readonly seals: readonly Seal[]; readonly broken: readonly Seal[] } {
  const last = new Map<number, Seal>();
  const seals: Seal[] = [];
  const broken: Seal[] = [];
  for (const seal of all) {
    const before = last.get(seal.partition);
    const isRepeated = before !== undefined && seal.from < before.to;
    if (isRepeated) continue;
    if (before !== undefined && !doesFollow(before, seal, earliest[seal.partition] ?? 0)) broken.push(seal);
    last.set(seal.partition, seal);
    seals.push(seal);
  }
  return { seals, broken };
}

function doesFollow(before: Seal, seal: Seal, earliest: number): boolean {
  return seal.previous === before.mac && (seal.from === before.to || seal.from <= earliest);
}

export function lastSeals(seals: readonly Seal[]): ReadonlyMap<number, Seal> {
  return new Map(seals.map((seal) => [seal.partition, seal]));
}

/** The seals as messages, so many in each request as are taken together. */
export function requestsOf(seals: readonly Seal[]): readonly (readonly OutgoingMessage[])[] {
  const requests: OutgoingMessage[][] = [];
  for (let at = 0; at < seals.length; at += REQUEST_MESSAGES) {
    requests.push(
      seals.slice(at, at + REQUEST_MESSAGES).map((seal) => ({
        partition: 0,
        key: String(seal.partition),
        value: Buffer.from(JSON.stringify(seal)),
        headers: {},
      })),
    );
  }
  return requests;
}
