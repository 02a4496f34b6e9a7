/** Every record the journal can hold, as fast-check arbitraries; any text, any double. */
import fc from 'fast-check';
import { ENTITY_KINDS } from '../../src/domain/entity.ts';
import { LABEL_SOURCES, type Label } from '../../src/domain/label.ts';
import { OUTCOMES, RISK_LEVELS } from '../../src/domain/outcome.ts';
import { type Transaction } from '../../src/domain/transaction.ts';
import { type JournalRecord, type Unplaced } from '../../src/journal/record.ts';

/** UTF-16 code units in any order: lone surrogates, controls and NUL included. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.integer({ min: 250, max: 300 }).map((length) => 'x'.repeat(length)),
);
const integer = fc.maxSafeInteger();
const double = fc.double();
const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });
/** Doubles by their bits, so that NaN payloads and −0 occur. */
const vector = fc
  .array(
    fc.oneof(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), fc.constantFrom(0n, 1n << 63n, 0x7ff8n << 48n)),
    {
      maxLength: 40,
    },
  )
  .map((bits) => new Float64Array(BigUint64Array.from(bits).buffer));

type Arbitraries<T> = { readonly [Key in keyof T]-?: fc.Arbitrary<NonNullable<T[Key]>> };

function record<T>(fields: Arbitraries<T>, required: readonly (keyof T & string)[]): fc.Arbitrary<T> {
  // fast-check cannot tell from a list of names which fields stay optional; `T` says it.
  return fc.record(fields, {
    requiredKeys: required as (keyof T)[],
    noNullPrototype: true,
  }) as unknown as fc.Arbitrary<T>;
}

export const anyTransaction = record<Transaction>(
  {
    transactionId: text,
    userId: text,
    merchantId: text,
    amountMinor: integer,
    currency: text,
    merchantCategory: text,
    transactionType: text,
    eventTimeMs: integer,
    cardId: text,
    deviceId: text,
    deviceType: text,
    ipAddress: text,
    locationCountry: text,
    locationCity: text,
    latitude: double,
    longitude: double,
    cardType: text,
    cardLastFour: text,
    emailDomain: text,
    attributes: fc
      .array(fc.tuple(fc.oneof(text, fc.constant('__proto__')), fc.oneof(text, double, fc.boolean())), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  },
  [
    'transactionId',
    'userId',
    'merchantId',
    'amountMinor',
    'currency',
    'merchantCategory',
    'transactionType',
    'eventTimeMs',
  ],
);

const label = record<Label>(
  {
    transactionId: text,
    isFraud: fc.boolean(),
    source: fc.constantFrom(...LABEL_SOURCES),
    arrivalMs: integer,
    campaign: text,
  },
  ['transactionId', 'isFraud', 'source', 'arrivalMs'],
);

const arrivalMs = integer;

export const anyDecision: fc.Arbitrary<Unplaced> = record<Extract<Unplaced, { type: 'decision' }>>(
  {
    type: fc.constant('decision' as const),
    arrivalMs,
    transaction: anyTransaction,
    amountBaseMinor: integer,
    requestHash: hash,
    versions: fc.record(
      { model: text, policy: text, lists: text, tables: integer, catalogue: text },
      { noNullPrototype: true },
    ),
    vector,
    margin: double,
    probability: double,
    contributions: vector,
    baseMargin: double,
    reasons: fc.array(fc.record({ feature: fc.nat(0xffff_ffff), text }, { noNullPrototype: true }), { maxLength: 6 }),
    rules: fc.array(text, { maxLength: 4 }),
    outcome: fc.constantFrom(...OUTCOMES),
    riskLevel: fc.constantFrom(...RISK_LEVELS),
    fallbackCause: text,
    late: fc.boolean(),
    message: fc.record({ partition: fc.nat(1_000), offset: fc.nat() }, { noNullPrototype: true }),
    durations: fc.record({ featuresUs: double, scoreUs: double, totalUs: double }, { noNullPrototype: true }),
  },
  [
    'type',
    'arrivalMs',
    'transaction',
    'amountBaseMinor',
    'requestHash',
    'versions',
    'margin',
    'probability',
    'baseMargin',
    'reasons',
    'rules',
    'outcome',
    'riskLevel',
    'late',
    'durations',
  ],
);

const payment = record<NonNullable<Extract<JournalRecord, { type: 'label' }>['payment']>>(
  {
    seq: integer,
    eventTimeMs: integer,
    amountBaseMinor: integer,
    entities: fc.record(Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, text])), {
      requiredKeys: [],
      noNullPrototype: true,
    }),
    merchantCategory: text,
    locationCountry: text,
    deviceType: text,
    blocked: fc.boolean(),
  },
  ['seq', 'eventTimeMs', 'amountBaseMinor', 'entities', 'merchantCategory', 'blocked'],
);

const tableRows = fc.array(fc.record({ key: text, rate: double, count: integer }, { noNullPrototype: true }), {
  maxLength: 5,
});

export const anyRecord: fc.Arbitrary<Unplaced> = fc.oneof(
  anyDecision,
  record<Extract<Unplaced, { type: 'label' }>>(
    { type: fc.constant('label' as const), arrivalMs, label, payment, previous: label, message: text },
    ['type', 'arrivalMs', 'label'],
  ),
  record<Extract<Unplaced, { type: 'cache_hit' }>>(
    { type: fc.constant('cache_hit' as const), arrivalMs, transactionId: text, decisionSeq: integer },
    ['type', 'arrivalMs', 'transactionId', 'decisionSeq'],
  ),
  record<Extract<Unplaced, { type: 'tables' }>>(
    {
      type: fc.constant('tables' as const),
      arrivalMs,
      version: integer,
      tables: fc.array(fc.tuple(text, tableRows), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    },
    ['type', 'arrivalMs', 'version', 'tables'],
  ),
  record<Extract<Unplaced, { type: 'change' }>>(
    {
      type: fc.constant('change' as const),
      arrivalMs,
      subject: fc.constantFrom('model', 'policy', 'lists', 'key', 'other', 'run'),
      version: text,
      actor: text,
      before: text,
      after: text,
    },
    ['type', 'arrivalMs', 'subject', 'version', 'actor', 'after'],
  ),
  record<Extract<Unplaced, { type: 'dead_letter' }>>(
    { type: fc.constant('dead_letter' as const), arrivalMs, reason: text, payload: text },
    ['type', 'arrivalMs', 'reason', 'payload'],
  ),
);
