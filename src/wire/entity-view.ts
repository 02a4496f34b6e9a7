/** What is known of one user, card, device, IP address or merchant. */
import { ENTITY_KINDS } from '../domain/entity.ts';
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type DecisionRow, type EntitySummary } from '../ledger/queries.ts';
import { rowViews } from './decision-view.ts';
import { integer, type JsonSchema, listOf, moment, named, number, objectSchema, text } from './schema.ts';

export function encodeEntity(
  entity: {
    readonly summary: EntitySummary;
    /** The running profile as plain JSON; undefined when there is none. */
    readonly profile: unknown;
    readonly payments: readonly DecisionRow[];
  },
  baseCurrency: string,
): string {
  const { summary } = entity;
  return JSON.stringify({
    kind: summary.kind,
    id: summary.id,
    transactions: summary.payments,
    amount_base: toMajor(summary.amountBaseMinor, baseCurrency),
    base_currency: baseCurrency,
    first_seen: formatRfc3339(summary.firstSeenMs),
    last_seen: formatRfc3339(summary.lastSeenMs),
    outcomes: summary.outcomes,
    frauds: summary.frauds,
    profile: entity.profile ?? null,
    recent: rowViews(entity.payments, baseCurrency),
  });
}

export const OUTCOME_COUNTS: JsonSchema = objectSchema({
  approve: integer('Approved'),
  review: integer('Sent to review'),
  block: integer('Blocked'),
});

export const ENTITY_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Entity: objectSchema({
    kind: { enum: ENTITY_KINDS },
    id: text('Its id'),
    transactions: integer('Payments that named it'),
    amount_base: number('Their sum in the base currency'),
    base_currency: text('ISO 4217 code'),
    first_seen: moment('First payment'),
    last_seen: moment('Last payment'),
    outcomes: OUTCOME_COUNTS,
    frauds: integer('Payments labelled fraud'),
    profile: { description: 'The running profile behind its features' },
    recent: listOf(named('DecisionRow'), 'The last 50 payments of 30 days, newest first'),
  }),
};
