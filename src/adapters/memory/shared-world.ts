/** What the instances of a store within one process share. */
import { SentinelError } from '../../domain/errors.ts';
import { type MessagePlace } from '../../journal/record.ts';
import { type Placed, type Place, type StoredClaim, type Unfinished } from '../../ports/online-store.ts';

/** Of a history: offset of its image u48, length of the image u32. */
export const HISTORY_HEAD_BYTES = 10;

export interface AnsweredClaim {
  readonly state: 'answered';
  readonly requestHash: string;
  readonly place: Place;
  /** As a restoration found it on record. */
  readonly message?: MessagePlace;
}

type Claim = { readonly state: 'pending'; readonly requestHash: string; readonly claim: StoredClaim } | AnsweredClaim;

/** All of a store’s state; several adapters of one world share it. */
export interface MemoryWorld {
  readonly nowMs: () => number;
  epoch: number;
  open: boolean;
  seq: number;
  arrivalMs: number;
  tablesVersion: number;
  readonly histories: Map<string, Buffer>;
  readonly claims: Map<string, Claim>;
  readonly answers: Map<string, Uint8Array>;
  readonly inForce: Map<string, Placed>;
  readonly waiting: Map<string, readonly Placed[]>;
  /** Labels by the message they came as. */
  readonly fromMessages: Map<string, Placed | 'on record'>;
  readonly tables: Map<number, Placed>;
  readonly versions: Map<string, string>;
  /** By seq. */
  readonly pending: Map<number, Unfinished & { readonly arrivalMs: number }>;
  /** Ids whose waiting labels are to be bound. */
  readonly toBind: Set<string>;
  readonly leaders: Map<string, { readonly owner: string; readonly number: number; readonly untilMs: number }>;
  readonly told: Map<string, { readonly text: string; readonly untilMs: number }>;
  readonly buckets: Map<string, { tokens: number; filledMs: number }>;
  /** Who is here, by owner. */
  readonly present: Map<string, { readonly version: string; readonly untilMs: number }>;
}

export function createMemoryWorld(nowMs: () => number): MemoryWorld {
  return {
    nowMs,
    epoch: 0,
    open: false,
    seq: 0,
    arrivalMs: 0,
    tablesVersion: 0,
    histories: new Map(),
    claims: new Map(),
    answers: new Map(),
    inForce: new Map(),
    waiting: new Map(),
    fromMessages: new Map(),
    tables: new Map(),
    versions: new Map(),
    pending: new Map(),
    toBind: new Set(),
    leaders: new Map(),
    told: new Map(),
    buckets: new Map(),
    present: new Map(),
  };
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Refuses while the world is being restored, and when `epoch` is not its own. */
export function enter(world: MemoryWorld, epoch: number): void {
  if (!world.open) throw new SentinelError('NOT_READY', { reason: 'profiles are being restored' });
  if (world.epoch !== epoch) throw new SentinelError('NOT_READY', { reason: 'profiles were restored while the payment was under way' }); // prettier-ignore
}

/** The claim at `seq`, which may be answered; NOT_READY when the id has none there. */
export function claimAt(world: MemoryWorld, transactionId: string, seq: number): Claim {
  const claim = world.claims.get(transactionId);
  const at = claim?.state === 'pending' ? claim.claim.place.seq : claim?.place.seq;
  if (claim === undefined || at !== seq) throw new SentinelError('NOT_READY', { reason: 'profiles were restored while the payment was under way' }); // prettier-ignore
  return claim;
}

export function nextPlace(world: MemoryWorld): Place {
  world.arrivalMs = Math.max(world.arrivalMs, world.nowMs());
  return { seq: ++world.seq, arrivalMs: world.arrivalMs };
}

/** Adds an event, under its head, to a history. */
export function addEvent(world: MemoryWorld, key: Uint8Array, { seq, arrivalMs }: Place, event: Uint8Array): void {
  const name = hexOf(key);
  const head = Buffer.alloc(12);
  head.writeUIntLE(seq, 0, 6);
  head.writeUIntLE(arrivalMs, 6, 6);
  world.histories.set(
    name,
    Buffer.concat([world.histories.get(name) ?? Buffer.alloc(HISTORY_HEAD_BYTES), head, event]),
  );
}

/** What one who knows a history up to `knownTo` lacks of it, and where it ends. */
export function pieceOf(
  history: Buffer | undefined,
  knownTo: number,
): { readonly piece: Uint8Array; readonly end: number } {
  if (history === undefined) return { piece: Buffer.alloc(0), end: 0 };
  const image = history.readUIntLE(0, 6);
  const eventsAt = HISTORY_HEAD_BYTES + history.readUInt32LE(6);
  const end = image + history.length - eventsAt;
  if (knownTo < image) return { piece: history, end };
  return {
    piece: Buffer.concat([history.subarray(0, HISTORY_HEAD_BYTES), history.subarray(eventsAt + knownTo - image)]),
    end,
  };
}
