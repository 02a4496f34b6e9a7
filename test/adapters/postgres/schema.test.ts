import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { binaryArray, binaryFloats } from '../../../src/adapters/postgres/binary-array.ts';
import { openLedgerStore, soleDatabase } from '../../../src/adapters/postgres/ledger-store.ts';
import { migrate, MIGRATIONS } from '../../../src/adapters/postgres/migrations.ts';
import { openPglite } from '../../../src/adapters/postgres/open-pglite.ts';
import { analyse } from '../../../src/adapters/postgres/upkeep.ts';
import { describeSchema } from '../../../src/adapters/postgres/schema-reference.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { aCacheHitRecord, aChangeRecord, aDecisionRecord } from '../../support/journal-records.ts';
import { NOON_MS, aTransaction } from '../../support/transactions.ts';
import { batchOf } from '../../support/ledger-batches.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';
import { type LedgerStore } from '../../../src/ports/ledger-store.ts';

/** SHA-256 of each released migration, first 16 hex digits: what has run somewhere must never change. */
const RELEASED: Readonly<Record<number, string>> = {
  1: '31742f5091026720',
  2: 'cd8fcb268fe1e74f',
  3: '0396ad30997adf1e',
  4: 'b4fa2b9c2ad94bd7',
  5: '02698a1e3e92be90',
};

describe('the ledger’s schema', () => {
  let database: Kysely<unknown>;
  let store: LedgerStore;

  beforeAll(async () => {
    database = await openPglite();
    store = await openLedgerStore(soleDatabase(database), [{ hash: 'c1', names: ['amount', 'age', 'speed'] }]);
  }, 60_000);
  beforeEach(() => store.reset());
  afterAll(() => store.close());

  const rows = async (query: string): Promise<unknown[]> => (await sql.raw(query).execute(database)).rows;

  it('is written down in docs/reference/schema.md', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/schema.md'), 'utf8');
    expect(await describeSchema(database)).toBe(page);
  });

  it('has the tables and the indexes that were promised', async () => {
    const page = await describeSchema(database);
    const promised =
      'transaction_ids transactions prediction_logs model_metrics data_drift_logs labels alerts cases rules lists policies models runs experiments retraining_runs audit_log api_keys'.split(
        ' ',
      );
    for (const table of promised) expect(page).toContain(`## ${table}\n`);
    const indexes = page.slice(page.indexOf('## transactions'), page.indexOf('## prediction_logs'));
    for (const columns of [
      'user_id',
      'merchant_id',
      '"timestamp"',
      'created_at',
      'user_id, "timestamp"',
      'merchant_id, "timestamp"',
      'card_id, "timestamp"',
      'device_id, "timestamp"',
      'ip_address, "timestamp"',
    ]) {
      // prettier-ignore
      expect(indexes).toMatch(new RegExp(`\`\\(${columns}[,)]`));
    }
  });

  it('is not touched by a second migration', async () => {
    expect(await migrate(database)).toEqual([]);
  });

  it('moves forward by what is missing, all of it or nothing', async () => {
    const newest = MIGRATIONS.length;
    const next = { version: newest + 1, name: 'next', statements: ['create table next_table (a integer)'] };
    const broken = { version: newest + 2, name: 'broken', statements: ['create table broken_table ()', 'nonsense'] };
    await expect(migrate(database, [...MIGRATIONS, next, broken])).rejects.toThrow(/syntax/);
    expect(await rows("select to_regclass('next_table') as found")).toEqual([{ found: null }]);
    expect(await migrate(database, [...MIGRATIONS, next])).toEqual([newest + 1]);
    await expect(migrate(database)).rejects.toThrow(`version ${newest + 1}, this program knows ${newest}`);
    await rows('drop table next_table');
    await rows(`delete from schema_migrations where version = ${newest + 1}`);
  });

  it('numbers its migrations without a gap and never changes a released one', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    for (const { version, statements } of MIGRATIONS) {
      const hash = createHash('sha256').update(statements.join('\n;\n')).digest('hex').slice(0, 16);
      expect(hash).toBe(RELEASED[version]);
    }
  });

  it('names the values of a stored vector, and numbers those of a catalogue it does not know', async () => {
    const versions = { ...aDecisionRecord().versions, catalogue: 'unknown' };
    const unscored: { -readonly [K in keyof DecisionRecord]: DecisionRecord[K] } = aDecisionRecord({ seq: 3 });
    delete unscored.vector;
    await store.project(
      batchOf([
        aDecisionRecord({ seq: 1, vector: Float64Array.of(0.1, Number.NaN, -7) }),
        aDecisionRecord({ seq: 2, vector: Float64Array.of(1), versions }),
        unscored,
      ]),
    );
    expect(await rows('select features from transaction_features order by seq')).toEqual([
      { features: { amount: 0.1, age: null, speed: -7 } },
      { features: { feature_1: 1 } },
      { features: null },
    ]);
  });

  it('logs every answer, repeats too, and explains those that are not approved', async () => {
    const blocked = aDecisionRecord({
      seq: 2,
      outcome: 'block',
      probability: 0.98765,
      reasons: [{ feature: 2, text: 'too fast\0\ud800 \\u0000' }],
    });
    await store.project(batchOf([aDecisionRecord({ seq: 1 }), blocked, aCacheHitRecord(3, blocked)]));
    const log = await rows(`select seq::int, fraud_score::text, prediction, decision, prediction_time_ms, cache_hit,
      explanation from prediction_logs order by seq`);
    expect(log).toEqual([
      { seq: 1, fraud_score: '0.1250', prediction: false, decision: 'approve', prediction_time_ms: 0.04, cache_hit: false, explanation: null }, // prettier-ignore
      {
        seq: 2,
        fraud_score: '0.9877',
        prediction: true,
        decision: 'block',
        prediction_time_ms: 0.04,
        cache_hit: false,
        explanation: {
          margin: -2,
          base_margin: -3,
          reasons: [{ feature: 'speed', value: 0, contribution: -0.5, text: 'too fast\uFFFD\uFFFD \\u0000' }],
        },
      },
      { seq: 3, fraud_score: '0.9877', prediction: true, decision: 'block', prediction_time_ms: null, cache_hit: true, explanation: null }, // prettier-ignore
    ]);
  });

  it('names what a model with other features decided before, also once another is in service', async () => {
    const later = await openLedgerStore(soleDatabase(database), [{ hash: 'c2', names: ['distance', 'hour', 'day'] }]);
    const reasons = [{ feature: 1, text: 'young' }];
    const decided = (seq: number, catalogue: string): DecisionRecord =>
      aDecisionRecord({ seq, outcome: 'review', reasons, versions: { ...aDecisionRecord().versions, catalogue } });
    await later.project(batchOf([decided(1, 'c1'), decided(2, 'c2'), decided(3, 'c3')]));
    expect(
      await rows(`select explanation->'reasons'->0->>'feature' as feature from prediction_logs order by seq`),
    ).toEqual([{ feature: 'age' }, { feature: 'hour' }, { feature: 'feature_2' }]);
  });

  it('finds rare decisions by an index once it knows how rare they are', async () => {
    await store.project(
      batchOf(
        Array.from({ length: 1500 }, (_, i) =>
          aDecisionRecord({ seq: i + 1, outcome: i % 500 === 0 ? 'block' : 'approve' }),
        ),
      ),
    );
    await analyse(database);
    const plan = async (outcome: string): Promise<string> =>
      JSON.stringify(await rows(`explain select * from transactions where decision = '${outcome}' order by seq desc limit 51`)); // prettier-ignore
    expect(await plan('block')).toContain('_decision_seq_idx');
    expect(await plan('approve')).toContain('_pkey');
  });

  it('keeps each month in its own partition', async () => {
    const at = (seq: number, arrivalMs: number) => aDecisionRecord({ seq, arrivalMs });
    await store.project(
      batchOf([
        at(1, Date.UTC(2025, 11, 31, 23, 59, 59, 999)),
        at(2, Date.UTC(2026, 0, 1)),
        at(3, Date.UTC(2026, 1, 1)),
      ]),
    );
    expect(await rows('select tableoid::regclass::text as partition from transactions order by seq')).toEqual(
      ['transactions_y2025m12', 'transactions_y2026m01', 'transactions_y2026m02'].map((partition) => ({ partition })),
    );
  });

  it('makes a month’s partition again when the transaction that made it was rolled back', async () => {
    const month = Date.UTC(2031, 4, 5);
    const fault = aDecisionRecord({ seq: 2, arrivalMs: month, probability: 12 }); // more than numeric(5,4) holds
    await expect(store.project(batchOf([aDecisionRecord({ seq: 1, arrivalMs: month }), fault]))).rejects.toThrow(
      /overflow/,
    );
    expect(await store.position(JOURNAL_SOURCE)).toBe(0);
    await store.project(batchOf([aDecisionRecord({ seq: 1, arrivalMs: month })]));
    expect(await store.position(JOURNAL_SOURCE)).toBe(1);
  });

  it('reads arrays in binary form as they were meant', async () => {
    const texts = fc.array(fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))));
    const integers = fc.array(fc.option(fc.maxSafeInteger()));
    const floats = fc.array(fc.option(fc.double()));
    const times = fc.array(fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11) }));
    await fc.assert(
      fc.asyncProperty(
        texts,
        integers,
        floats,
        times,
        fc.array(fc.boolean()),
        async (text, int8, float8, time, bool) => {
          const read = await sql<Record<string, unknown>>`select ${binaryArray('text', text)}::text[] as text,
          ${binaryArray('int8', int8)}::int8[]::text[] as int8, ${binaryArray('float8', float8)}::float8[] as float8,
          array(select (extract(epoch from t) * 1000)::int8::text
            from unnest(${binaryArray('timestamptz', time)}::timestamptz[]) with ordinality as u(t, place) order by place)
            as time,
          ${binaryArray('bool', bool)}::bool[] as bool`.execute(database);
          expect(read.rows[0]).toEqual({ text, int8: int8.map((n) => (n === null ? n : String(n))), float8, time: time.map(String), bool }); // prettier-ignore
        },
      ),
      { numRuns: 40 },
    );
    const floatsRead = await sql<{ floats: number[] }>`select ${binaryFloats([
      Float64Array.of(0.1, -0),
      Float64Array.of(),
      Float64Array.of(Number.NaN),
    ])}::float8[] as floats`.execute(database);
    expect(floatsRead.rows[0]).toEqual({ floats: [0.1, -0, Number.NaN] });
  });

  it('projects amounts as decimals, changes into the audit trail, and which model and policy are in force', async () => {
    await store.project(
      batchOf([
        aDecisionRecord({ seq: 1, transaction: aTransaction({ transactionId: 'a', currency: 'JPY', amountMinor: 7 }) }),
        aDecisionRecord({
          seq: 2,
          transaction: aTransaction({ transactionId: 'b', currency: 'KWD', amountMinor: 1235 }),
        }),
        aChangeRecord(3, { version: 'v1' }),
        aChangeRecord(4, { version: 'v2', before: 'v1' }),
        aChangeRecord(5, { subject: 'policy', version: 'p2', after: '{"review":0.4}' }),
        { type: 'dead_letter', seq: 6, arrivalMs: NOON_MS, reason: 'no payment', payload: '{}' },
      ]),
    );
    expect(await rows('select amount::text from transactions order by seq')).toEqual([{ amount: '7.00' }, { amount: '1.24' }]); // prettier-ignore
    expect(await rows('select version, stage from models order by seq')).toEqual([
      { version: 'v1', stage: 'archived' },
      { version: 'v2', stage: 'production' },
    ]);
    expect(await rows('select version, document, actor from policies')).toEqual([
      { version: 'p2', document: '{"review":0.4}', actor: 'ann' },
    ]);
    expect(await rows('select seq::int, subject, before from audit_log order by seq')).toEqual([
      { seq: 3, subject: 'model', before: null },
      { seq: 4, subject: 'model', before: 'v1' },
      { seq: 5, subject: 'policy', before: null },
    ]);
    expect(await rows('select reason, payload from dead_letters')).toEqual([{ reason: 'no payment', payload: '{}' }]);
  });

  it('lists training runs once, with what they were told and what they reached, apart from the audit trail', async () => {
    const told = { source: 'sentinel train', status: 'finished', model: 'v1', startedMs: NOON_MS, endedMs: NOON_MS + 1500, parameters: { seed: '1' }, metrics: { averagePrecision: 0.8 } }; // prettier-ignore
    const failed = { source: 'sentinel train', status: 'failed', problem: 'no frauds', startedMs: NOON_MS, parameters: {}, metrics: {} }; // prettier-ignore
    const run = (seq: number, version: string, what: unknown) => aChangeRecord(seq, { subject: 'run', version, after: JSON.stringify(what) }); // prettier-ignore
    await store.project(batchOf([run(1, 'r1', told), run(2, 'r2', failed), run(3, 'r1', told)]));
    expect(
      await rows(`select run_id, kind, state, model_version, parameters, metrics, created_at,
        extract(epoch from finished_at - created_at)::float8 as seconds from runs order by run_id`),
    ).toEqual([
      { run_id: 'r1', kind: 'sentinel train', state: 'finished', model_version: 'v1', parameters: { seed: '1' }, metrics: { averagePrecision: 0.8 }, created_at: new Date(NOON_MS), seconds: 1.5 },
      { run_id: 'r2', kind: 'sentinel train', state: 'failed', model_version: null, parameters: {}, metrics: {}, created_at: new Date(NOON_MS), seconds: null },
    ]); // prettier-ignore
    expect(await rows('select 1 from audit_log')).toEqual([]);
    await store.reset();
    expect(await rows('select 1 from runs')).toEqual([]);
  });
});
