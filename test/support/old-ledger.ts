/** A ledger as an earlier version of the schema left it, with two payments and their labels. */
import { type Kysely, sql } from 'kysely';
import { binaryArray } from '../../src/adapters/postgres/binary-array.ts';
import { migrate, MIGRATIONS } from '../../src/adapters/postgres/migrations.ts';
import { timestamptz } from '../../src/adapters/postgres/sql-text.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { aDecisionRecord } from './journal-records.ts';
import { NOON_MS } from './transactions.ts';

/** `seq` of the last record in it. */
export const OLD_POSITION = 3;

export const OLD_DECISIONS: readonly DecisionRecord[] = [
  aDecisionRecord({ seq: 1, arrivalMs: NOON_MS }),
  aDecisionRecord({ seq: 2, arrivalMs: NOON_MS + 1, outcome: 'block' }),
];

/** Makes one of `version` in an empty database; the second payment is labelled a fraud. */
export async function makeOldLedger(database: Kysely<unknown>, version: number): Promise<void> {
  await migrate(database, MIGRATIONS.slice(0, 1));
  for (const table of ['transactions', 'prediction_logs']) {
    const bounds = "from ('2026-01-01 00:00:00+00') to ('2026-02-01 00:00:00+00')";
    await sql.raw(`create table ${table}_y2026m01 partition of ${table} for values ${bounds}`).execute(database);
  }
  for (const { seq, arrivalMs, transaction, outcome, probability, vector } of OLD_DECISIONS) {
    const { transactionId, userId, merchantId, merchantCategory, transactionType, eventTimeMs, amountMinor } =
      transaction;
    const at = timestamptz(arrivalMs);
    await sql`insert into transaction_ids values (${transactionId}, ${seq}, ${at})`.execute(database);
    await sql`
      insert into transactions (seq, transaction_id, user_id, amount, amount_minor, currency, amount_base_minor,
        merchant_id, merchant_category, transaction_type, "timestamp", is_fraud, fraud_score, probability, decision,
        risk_level, rules, model_version, policy_version, total_us, catalogue, features, created_at)
      values (${seq}, ${transactionId}, ${userId}, ${amountMinor / 100}, ${amountMinor}, 'USD', ${amountMinor},
        ${merchantId}, ${merchantCategory}, ${transactionType}, ${timestamptz(eventTimeMs)}, ${seq === 2 ? true : null},
        ${probability}, ${probability}, ${outcome}, 'low', '[]', 'v20260101_000000', 'p1', 40, 'c1',
        ${vector === undefined ? null : binaryArray('float8', [...vector])}, ${at})`.execute(database);
  }
  await sql`insert into labels values (3, 't2', true, 'analyst', null, true, ${timestamptz(NOON_MS + 2)})`.execute(
    database,
  );
  await sql`update ledger_position set seq = ${OLD_POSITION}`.execute(database);
  await migrate(database, MIGRATIONS.slice(0, version));
}

/** Adds to a ledger of version 4 a payment that the fallback put to review: its score stands there as 0. */
export async function addOldFallback(database: Kysely<unknown>): Promise<void> {
  const [seq, id, at] = [4, 't4', timestamptz(NOON_MS + 3)];
  const [category] = OLD_DECISIONS.map(({ transaction }) => transaction.merchantCategory);
  await sql`insert into transaction_ids values (${id}, ${seq}, ${at})`.execute(database);
  await sql`
    insert into transactions (seq, transaction_id, user_id, amount, amount_minor, currency, amount_base_minor,
      merchant_id, merchant_category, transaction_type, "timestamp", fraud_score, probability, decision, risk_level,
      rules, model_version, policy_version, total_us, catalogue, created_at)
    values (${seq}, ${id}, 'u1', 25, 2500, 'USD', 2500, 'm1', ${category}, 'purchase', ${at}, 0, 0, 'review', 'medium',
      '[]', 'v20260101_000000', 'p1', 40, 'c1', ${at})`.execute(database);
  await sql`
    insert into prediction_logs (seq, transaction_id, prediction_time_ms, fraud_score, prediction, decision,
      model_version, policy_version, cache_hit, explanation, created_at)
    values (${seq}, ${id}, 0.04, 0, true, 'review', 'v20260101_000000', 'p1', false,
      '{"margin":0,"base_margin":0,"reasons":[],"fallback_cause":"deadline"}', ${at})`.execute(database);
  for (const [table, length] of [
    ['ten_minute_totals', '10 minutes'],
    ['day_totals', '1 day'],
  ] as const) {
    for (const [dimension, value] of [
      ['all', ''],
      ['category', category],
      ['card', ''],
      ['device', ''],
    ]) {
      await sql`
        insert into ${sql.table(table)} as known values (${dimension}, ${value},
          date_bin(${length}::interval, ${at}, 'epoch'), 'journal', 1, 0, 1, 0, 2500, 0, 0, 0, 0, 0, 0, 0)
        on conflict (dimension, period, value, source)
          do update set decisions = known.decisions + 1, review = known.review + 1`.execute(database);
    }
  }
}
