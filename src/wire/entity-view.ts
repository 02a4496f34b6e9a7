/** What is known of one user, card, device, IP address or merchant. */
import { ENTITY_KINDS } from '../domain/entity.ts';
import { toMajor } from '../domain/money.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type EntityProfile } from '../features/describe.ts';
import { type DescribedEntity } from '../usecases/describe-entity.ts';
import { rowViews } from './decision-view.ts';
import { flag, integer, type JsonSchema, listOf, named, number, objectSchema, text } from './schema.ts';

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
    profile: entity.profile === undefined ? null : profileView(entity.profile, baseCurrency),
    recent: rowViews(entity.payments, baseCurrency),
  });
}

function profileView(profile: EntityProfile, baseCurrency: string): Readonly<Record<string, unknown>> {
  const { firstSeenMs, lastSeenMs, payments, windows, labels, fraudRun, lastFraudMs } = profile;
  const sums = Object.entries(windows).map(([window, { payments: count, amountBaseMinor }]) => [
    window,
    { transactions: count, amount_base: toMajor(amountBaseMinor, baseCurrency) },
  ]);
  return {
    first_seen: formatRfc3339(firstSeenMs),
    last_seen: formatRfc3339(lastSeenMs),
    transactions: payments,
    windows: Object.fromEntries(sums),
    labels,
    fraud_run: fraudRun,
    last_fraud: lastFraudMs === undefined ? null : formatRfc3339(lastFraudMs),
  };
}

const COUNT_OF_WINDOW: JsonSchema = objectSchema({
  transactions: integer('Payments in the window'),
  amount_base: number('Their sum in the base currency'),
});

const LABELS_OF_WINDOW: JsonSchema = objectSchema({
  known: integer('Payments that became known as fraud or genuine in the window'),
  frauds: integer('Frauds among them'),
  risk: number('Their smoothed fraud rate'),
});

export const OUTCOME_COUNTS: JsonSchema = objectSchema(
  { approve: integer('Approved'), review: integer('Sent to review'), block: integer('Blocked') },
  { description: 'Decisions of each kind' },
);

export const ENTITY_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Entity: objectSchema({
    kind: { enum: ENTITY_KINDS, description: 'What it is' },
    id: text('Its id'),
    complete: flag(
      'Whether all is told; false while the ledger starts, when only the profile is, and while it catches up',
    ),
    transactions: { type: ['integer', 'null'], description: 'Payments that named it' },
    amount_base: { type: ['number', 'null'], description: 'Their sum in the base currency' },
    base_currency: text('ISO 4217 code'),
    first_seen: { type: ['string', 'null'], format: 'date-time', description: 'First payment' },
    last_seen: { type: ['string', 'null'], format: 'date-time', description: 'Last payment' },
    outcomes: { anyOf: [OUTCOME_COUNTS, { type: 'null' }], description: 'Decisions of each kind' },
    frauds: { type: ['integer', 'null'], description: 'Payments labelled fraud' },
    profile: {
      anyOf: [named('Profile'), { type: 'null' }],
      description: 'Its running sums; null where none are kept',
    },
    recent: listOf(named('DecisionRow'), 'The last 50 payments of 30 days, newest first'),
  }),
  Profile: objectSchema(
    {
      first_seen: { type: 'string', format: 'date-time', description: 'First payment' },
      last_seen: { type: 'string', format: 'date-time', description: 'Last payment' },
      transactions: integer('Payments ever'),
      windows: {
        type: 'object',
        additionalProperties: COUNT_OF_WINDOW,
        description: 'By window, 1h to 30d, ending now, or at the newest payment where that is dated ahead',
      },
      labels: { type: 'object', additionalProperties: LABELS_OF_WINDOW, description: 'By window, 1d to 30d' },
      fraud_run: integer('Newest payments in a row known as fraud'),
      last_fraud: {
        type: ['string', 'null'],
        format: 'date-time',
        description: 'Newest payment known as fraud, within 30 days',
      },
    },
    { description: 'The running profile behind its features' },
  ),
};
