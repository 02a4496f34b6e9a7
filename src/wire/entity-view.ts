/** What is known of one user, card, device, IP address or merchant. */
import { ENTITY_KINDS } from '../domain/entity.ts';
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type DescribedEntity } from '../usecases/describe-entity.ts';
import { rowViews } from './decision-view.ts';
import { flag, integer, type JsonSchema, listOf, named, objectSchema, text } from './schema.ts';

export function encodeEntity(entity: DescribedEntity, baseCurrency: string): string {
  const { summary } = entity;
  return JSON.stringify({
    kind: entity.kind,
    id: entity.id,
    complete: entity.complete,
    transactions: summary?.payments ?? null,
    amount_base: summary === undefined ? null : toMajor(summary.amountBaseMinor, baseCurrency),
    base_currency: baseCurrency,
    first_seen: summary === undefined ? null : formatRfc3339(summary.firstSeenMs),
    last_seen: summary === undefined ? null : formatRfc3339(summary.lastSeenMs),
    outcomes: summary?.outcomes ?? null,
    frauds: summary?.frauds ?? null,
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
    complete: flag('Whether the ledger could be asked; while it starts only the profile is told'),
    transactions: { type: ['integer', 'null'], description: 'Payments that named it' },
    amount_base: { type: ['number', 'null'], description: 'Their sum in the base currency' },
    base_currency: text('ISO 4217 code'),
    first_seen: { type: ['string', 'null'], format: 'date-time', description: 'First payment' },
    last_seen: { type: ['string', 'null'], format: 'date-time', description: 'Last payment' },
    outcomes: { anyOf: [OUTCOME_COUNTS, { type: 'null' }] },
    frauds: { type: ['integer', 'null'], description: 'Payments labelled fraud' },
    profile: { description: 'The running profile behind its features' },
    recent: listOf(named('DecisionRow'), 'The last 50 payments of 30 days, newest first'),
  }),
};
