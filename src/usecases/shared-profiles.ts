/** The shared profiles as one instance reads them: its replica for payments in order, the store itself for all others. */
import { SentinelError } from '../domain/errors.ts';
import { type EntityKind } from '../domain/entity.ts';
import { DAY_MS, LATENESS_BOUND_MS, spanText } from '../domain/time.ts';
import { type Arrival } from '../domain/transaction.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { type EntityProfile } from '../features/describe.ts';
import { EVENT_HEAD_BYTES } from '../features/entity-event.ts';
import { historyHead, NOTHING_KNOWN, offsetBefore, openHistory } from '../features/entity-history.ts';
import { createReplica, entityKey, type EntityPart, type Replica } from '../features/replica.ts';
import { type FeatureSettings } from '../features/settings.ts';
import { NO_TABLES, type SlowTables } from '../features/slow-tables.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type OnlineStore, type StoredClaim } from '../ports/online-store.ts';
import { type SharedState } from '../ports/shared-state.ts';

/** Events since the image are folded into it when they have grown to its size, and to this many bytes at least. */
const LEAST_TAIL_BYTES = 2_048;
/** Entities that the replica which folds histories may hold. */
const FOLDED_ENTITIES = 2_000;
/** Versions of the tables kept here; claims name the newest, retries one before it. */
const TABLES_KEPT = 3;
/**
 * A blocked payment is known as such only when its claim is confirmed; until then its silence counts, which nobody can
 * tell before the label delay is over, a late payment’s lateness deducted. This leaves a day for the confirmation.
 */
export const LEAST_LABEL_DELAY_MS = LATENESS_BOUND_MS + DAY_MS;

const OVERTAKEN = 'the payment is being answered elsewhere';

/** Whether profiles could not be read as of a payment because it has been confirmed meanwhile: the store knows its answer. */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof SentinelError && error.details['reason'] === OVERTAKEN;

export interface ClaimedProfiles {
  readonly tablesVersion: number;
  readonly histories: readonly Uint8Array[];
}

/** Profiles and tables as they stood when a payment was claimed. */
export interface ProfilesAsOf {
  readonly read: (arrival: Arrival, out: Float64Array) => boolean;
  readonly parts: readonly EntityPart[];
}

/** Where the histories of a payment newly claimed ended before it. */
export const endsOf = (parts: readonly EntityPart[], { histories }: ClaimedProfiles): readonly number[] =>
  histories.map((piece, i) => openHistory(piece, parts[i]!.knownTo).end);

export interface SharedProfiles {
  readonly catalogue: Catalogue;
  /** What a claim asks of the store; the replica is the one of the store's epoch. */
  partsOf(arrival: Arrival): readonly EntityPart[];
  /** Brings the replica to the claim's place; false when it was not possible: then read `asOf`. */
  catchUp(parts: readonly EntityPart[], claimed: ClaimedProfiles): boolean;
  /** Reads the replica, after `catchUp`. */
  readonly read: (arrival: Arrival, out: Float64Array) => boolean;
  /** Adds the payment read. */
  add(parts: readonly EntityPart[], arrivalMs: number): void;
  /** Profiles before a payment claimed, from the store; its claim must not be confirmed yet, or see `isOvertaken`. */
  asOf(arrival: Arrival, claimed: Pick<StoredClaim, 'tablesVersion' | 'ends'>): Promise<ProfilesAsOf>;
  /** Folds histories that this payment has made too long; failing is no harm. */
  compactWhenDue(parts: readonly EntityPart[], claimed: ClaimedProfiles): void;
  /** What is known of an entity at `atMs`, by the store; undefined when it was never seen. */
  describe(kind: EntityKind, id: string, atMs: number): Promise<EntityProfile | undefined>;
  /** Entities in the replica. */
  size(): number;
}

export function createSharedProfiles(deps: {
  readonly store: OnlineStore;
  readonly state: SharedState;
  readonly codec: ClaimCodec;
  readonly settings: FeatureSettings;
  /** A replica that has grown to so many entities is begun anew. */
  readonly replicaEntities: number;
}): SharedProfiles {
  const { store, state, codec, settings } = deps;
  if (settings.labelDelayMs < LEAST_LABEL_DELAY_MS) {
    const least = spanText(LEAST_LABEL_DELAY_MS);
    throw new SentinelError('CONFIG_INVALID', { problems: `shared profiles need a label delay of at least ${least}` });
  }
  let replica = createReplica(settings);
  let epoch = store.epoch();
  let folding = { epoch, replica: createReplica(settings) };
  const tables = new Map<number, SlowTables>([[0, NO_TABLES]]);

  const tablesOf = async (version: number): Promise<SlowTables> => {
    const known = tables.get(version);
    if (known !== undefined) return known;
    const placed = await state.tables(version);
    const record = placed === undefined ? undefined : codec.decodePlaced(placed);
    if (record?.type !== 'tables') throw new SentinelError('NOT_READY', { reason: `tables ${version} are missing` });
    tables.set(version, record);
    for (const old of tables.keys()) if (old > 0 && old <= version - TABLES_KEPT) tables.delete(old);
    return record;
  };

  /** A new replica under the newest tables known. */
  const renew = (): void => {
    const { tablesVersion } = replica;
    const sameEpoch = epoch === store.epoch();
    epoch = store.epoch();
    if (!sameEpoch) tables.clear();
    tables.set(0, NO_TABLES);
    replica = createReplica(settings);
    replica.publish(tables.get(tablesVersion) ?? NO_TABLES);
  };

  const scratch = async (version: number): Promise<Replica> => {
    const published = await tablesOf(version);
    const made = createReplica(settings);
    made.publish(published);
    if (version > replica.tablesVersion && epoch === store.epoch()) replica.publish(published);
    return made;
  };

  const compact = async (part: EntityPart): Promise<void> => {
    const epochHere = store.epoch();
    const { settledBefore, histories } = await store.histories([part.key]);
    const [history] = histories;
    if (history === undefined || history.length === 0) return;
    const { imageOffset, end } = openHistory(history);
    const offset = offsetBefore(history, settledBefore);
    if (offset - imageOffset < (end - imageOffset) / 2) return;
    // One replica for very many: to make one costs more than to fold a history.
    if (folding.epoch !== epochHere || folding.replica.size() > FOLDED_ENTITIES) {
      folding = { epoch: epochHere, replica: createReplica(settings) };
    }
    const folded = folding.replica;
    if (!folded.catchUpTo([part], [history], [offset])) return;
    const image = folded.image(part.key);
    if (image !== undefined) await store.compact(part.key, historyHead(offset, image));
  };

  return {
    catalogue: replica.catalogue,
    partsOf(arrival) {
      if (epoch !== store.epoch() || replica.size() > deps.replicaEntities) renew();
      return replica.partsOf(arrival);
    },
    catchUp(parts, { tablesVersion, histories }) {
      return epoch === store.epoch() && replica.catchUp(parts, histories) && replica.tablesVersion === tablesVersion;
    },
    read: (arrival, out) => replica.read(arrival, out),
    add: (parts, arrivalMs) => replica.add(parts, arrivalMs),
    async asOf(arrival, claimed) {
      const made = await scratch(claimed.tablesVersion);
      const parts = made.partsOf(arrival);
      const { histories } = await store.histories(parts.map(({ key }) => key));
      if (!made.catchUpTo(parts, histories, claimed.ends)) throw new SentinelError('NOT_READY', { reason: OVERTAKEN }); // prettier-ignore
      return { parts, read: (read, out) => made.read(read, out) };
    },
    compactWhenDue(parts, { histories }) {
      parts.forEach((part, i) => {
        const { imageOffset, imageBytes, end } = openHistory(histories[i]!, part.knownTo);
        const tail = end - imageOffset;
        const bound = Math.max(LEAST_TAIL_BYTES, imageBytes);
        const grown = tail + EVENT_HEAD_BYTES + part.event.length;
        // The payment that crosses a multiple of the bound folds, so that instances do not do it all at once.
        if (Math.floor(grown / bound) > Math.floor(tail / bound)) compact({ ...part, knownTo: NOTHING_KNOWN }).catch(() => undefined); // prettier-ignore
      });
    },
    async describe(kind, id, atMs) {
      const made = await scratch(await state.tablesVersion());
      const part = { kind, key: entityKey(kind, id), knownTo: NOTHING_KNOWN, event: new Uint8Array() };
      const { histories } = await store.histories([part.key]);
      const [history] = histories;
      if (history === undefined || history.length === 0) return undefined;
      made.catchUpTo([part], histories, [openHistory(history).end]);
      return made.describe(kind, id, atMs);
    },
    size: () => replica.size(),
  };
}
