/** The questions that the API and the dashboard put to the ledger, each with the key it asks about. */
import { type Kysely, sql } from 'kysely';
import { DAY_MS, HOUR_MS } from '../src/domain/time.ts';
import { binaryArray } from '../src/adapters/postgres/binary-array.ts';
import { type EntityKind } from '../src/domain/entity.ts';
import { BREAKDOWNS } from '../src/ledger/queries.ts';
import { type LedgerStore } from '../src/ports/ledger-store.ts';
import { createRandom } from '../src/stats/random.ts';

/** A payment taken at random, so that whoever pays often is asked about often. */
export interface LedgerKey {
  readonly seq: number;
  readonly transactionId: string;
  readonly arrivalMs: number;
  readonly entities: Readonly<Partial<Record<EntityKind, string>>>;
}

interface KeyRow {
  readonly seq: number;
  readonly transaction_id: string;
  readonly arrival_ms: number;
  readonly user_id: string;
  readonly merchant_id: string;
  readonly card_id: string | null;
  readonly device_id: string | null;
  readonly ip_address: string | null;
}

/** Draws `count` payments; those that name every kind of entity. */
export async function drawKeys(database: Kysely<unknown>, count: number, seed: number): Promise<readonly LedgerKey[]> {
  const random = createRandom(seed);
  const newest = await sql<{ seq: number }>`select max(seq)::float8 as seq from transactions`.execute(database);
  const last = newest.rows[0]!.seq;
  const seqs = Array.from({ length: 4 * count }, () => 1 + random.integer(last)); // some are labels, some name no device
  const { rows } = await sql<KeyRow>`
    select seq::float8 as seq, transaction_id, (extract(epoch from created_at) * 1000)::float8 as arrival_ms, user_id,
      merchant_id, card_id, device_id, ip_address
    from transactions where seq = any(${binaryArray('int8', seqs)}::int8[])`.execute(database);
  const keys = rows.map((row) => ({
    seq: row.seq,
    transactionId: row.transaction_id,
    arrivalMs: row.arrival_ms,
    entities: { user: row.user_id, merchant: row.merchant_id, card: row.card_id ?? '', device: row.device_id ?? '', ip: row.ip_address ?? '' },
  }));
  const complete = keys.filter(({ entities }) => Object.values(entities).every((id) => id !== ''));
  return random.shuffle(complete).slice(0, count);
} // prettier-ignore

export interface LedgerQuestion {
  readonly name: string;
  ask(store: LedgerStore, key: LedgerKey): Promise<unknown>;
}

const PAGE = 50;
/** What someone leaves out who types most of an id: dozens of ids begin like it. */
const OMITTED_CHARACTERS = 2;
const SUSPICIOUS = 0.95;

const entityOf = ({ entities }: LedgerKey, kind: EntityKind): { readonly kind: EntityKind; readonly id: string } => ({
  kind,
  id: entities[kind]!,
});

const KINDS: readonly EntityKind[] = ['user', 'card', 'device', 'ip', 'merchant'];

export const LEDGER_QUESTIONS: readonly LedgerQuestion[] = [
  { name: 'newest decisions', ask: (store) => store.decisions({ limit: PAGE }) },
  { name: 'a page further back', ask: (store, { seq }) => store.decisions({ beforeSeq: seq, limit: PAGE }) },
  ...(['approve', 'review', 'block'] as const).map((outcome) => ({
    name: `${outcome} decisions further back`,
    ask: (store: LedgerStore, { seq }: LedgerKey) => store.decisions({ outcome, beforeSeq: seq, limit: PAGE }),
  })),
  { name: 'frauds further back', ask: (store, { seq }) => store.decisions({ isFraud: true, beforeSeq: seq, limit: PAGE }) },
  { name: 'high scores further back', ask: (store, { seq }) => store.decisions({ minScore: SUSPICIOUS, beforeSeq: seq, limit: PAGE }) },
  { name: 'decisions of an hour', ask: (store, { arrivalMs }) => store.decisions({ fromMs: arrivalMs - HOUR_MS, toMs: arrivalMs, limit: PAGE }) },
  { name: 'decisions of thirty days', ask: (store, { arrivalMs }) => store.decisions({ fromMs: arrivalMs - 30 * DAY_MS, toMs: arrivalMs, limit: PAGE }) },
  { name: 'blocked in an hour', ask: (store, { arrivalMs }) => store.decisions({ outcome: 'block', fromMs: arrivalMs - HOUR_MS, toMs: arrivalMs, limit: PAGE }) },
  { name: 'decisions of a merchant on a day', ask: (store, key) => store.decisions({ entity: entityOf(key, 'merchant'), fromMs: key.arrivalMs - DAY_MS, toMs: key.arrivalMs, limit: PAGE }) },
  ...KINDS.map((kind) => ({
    name: `decisions of a ${kind}`,
    ask: (store: LedgerStore, key: LedgerKey) => store.decisions({ entity: entityOf(key, kind), limit: PAGE }),
  })),
  ...KINDS.map((kind) => ({
    name: `payments of a ${kind} in thirty days`,
    ask: (store: LedgerStore, key: LedgerKey) =>
      store.entityPayments(kind, key.entities[kind]!, { fromMs: key.arrivalMs - 30 * DAY_MS, toMs: key.arrivalMs, beforeSeq: key.seq, limit: PAGE }),
  })),
  ...KINDS.map((kind) => ({
    name: `summary of a ${kind}`,
    ask: (store: LedgerStore, key: LedgerKey) => store.entity(kind, key.entities[kind]!),
  })),
  { name: 'labels of a payment', ask: (store, { transactionId }) => store.labels(transactionId) },
  { name: 'search by the beginning of an id', ask: (store, { transactionId }) => store.search(transactionId.slice(0, -OMITTED_CHARACTERS), PAGE) },
  { name: 'figures of an hour', ask: (store, { arrivalMs }) => store.stats(arrivalMs - HOUR_MS, arrivalMs) },
  { name: 'figures of a day', ask: (store, { arrivalMs }) => store.stats(arrivalMs - DAY_MS, arrivalMs) },
  { name: 'figures of thirty days', ask: (store, { arrivalMs }) => store.stats(arrivalMs - 30 * DAY_MS, arrivalMs) },
  { name: 'a day by hour', ask: (store, { arrivalMs }) => store.series(arrivalMs - DAY_MS, arrivalMs, HOUR_MS) },
  { name: 'thirty days by day', ask: (store, { arrivalMs }) => store.series(arrivalMs - 30 * DAY_MS, arrivalMs, DAY_MS) },
  ...BREAKDOWNS.map((by) => ({
    name: `thirty days by ${by}`,
    ask: (store: LedgerStore, { arrivalMs }: LedgerKey) => store.breakdown(by, arrivalMs - 30 * DAY_MS, arrivalMs),
  })),
]; // prettier-ignore
