/** What is known of one user, card, device, IP address or merchant: its running profile and its recorded past. */
import { type EntityKind } from '../domain/entity.ts';
import { SentinelError } from '../domain/errors.ts';
import { DAY_MS } from '../domain/time.ts';
import { type EntityProfile } from '../features/describe.ts';
import { type DecisionRow, type EntitySummary } from '../ledger/queries.ts';
import { type Clock } from '../ports/clock.ts';
import { type LedgerStore } from '../ports/ledger-store.ts';
import { unlessNotReady } from './unless-not-ready.ts';

/** Payments shown with an entity, and how far back. */
const RECENT_PAYMENTS = 50;
const RECENT_MS = 30 * DAY_MS;

export interface DescribedEntity {
  readonly kind: EntityKind;
  readonly id: string;
  /** Absent while the ledger cannot be asked. */
  readonly summary?: EntitySummary;
  /** The running profile; undefined when there is none. */
  readonly profile: EntityProfile | undefined;
  /** Newest first. */
  readonly payments: readonly DecisionRow[];
  /** False while the ledger cannot be asked, or has not caught up. */
  readonly complete: boolean;
}

/** Resolves to undefined when no payment named the entity. */
export type DescribeEntity = (kind: EntityKind, id: string) => Promise<DescribedEntity | undefined>;

export function createDescribeEntity(deps: {
  readonly ledger: Pick<LedgerStore, 'entity' | 'entityPayments'>;
  readonly profileOf: (kind: EntityKind, id: string, atMs: number) => Promise<EntityProfile | undefined>;
  readonly clock: Clock;
  /** False while payments are neither in memory nor in the ledger yet. */
  readonly isPastWhole: () => boolean;
}): DescribeEntity {
  const { ledger, profileOf, clock, isPastWhole } = deps;
  return async (kind, id) => {
    const nowMs = clock.nowMs();
    const isWhole = isPastWhole();
    const asked = ledger.entity(kind, id).then(async (summary) => {
      // A payment may be dated minutes ahead, and all of them are where the clock was set back: they have happened too.
      const toMs = Math.max(nowMs, summary?.lastSeenMs ?? nowMs);
      const range = { fromMs: toMs - RECENT_MS, toMs, beforeSeq: Number.MAX_SAFE_INTEGER, limit: RECENT_PAYMENTS };
      return { summary, toMs, payments: summary === undefined ? [] : await ledger.entityPayments(kind, id, range) };
    });
    const past = await unlessNotReady(asked);
    const profile = await profileOf(kind, id, past?.toMs ?? nowMs);
    if (profile === undefined && past?.summary === undefined) {
      if (past === undefined) await asked; // neither known nor to be ruled out: NOT_READY
      if (!isWhole) throw new SentinelError('NOT_READY', { reason: 'the ledger is catching up with the journal' });
      return undefined;
    }
    return {
      kind,
      id,
      ...(past?.summary !== undefined && { summary: past.summary }),
      profile,
      payments: past?.payments ?? [],
      complete: past !== undefined && isWhole,
    };
  };
}
