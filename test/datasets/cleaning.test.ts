/** Dropped and repaired rows, each counted by its reason. */
import { describe, expect, it } from 'vitest';
import { createCleaner } from '../../src/datasets/cleaning.ts';
import { type DatasetMapping } from '../../src/datasets/mapping.ts';
import { HANDBOOK_MAPPING } from '../../src/datasets/mappings/handbook.ts';
import { SENTINEL_MAPPING } from '../../src/datasets/mappings/sentinel.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { aColumnBatch, type Cells } from '../support/column-batches.ts';
import { NOON_MS } from '../support/transactions.ts';

const GOOD: Cells = {
  transaction_id: 't1',
  timestamp: NOON_MS,
  user_id: 'u1',
  merchant_id: 'm1',
  merchant_category: 'grocery',
  transaction_type: 'purchase',
  amount: 12.34,
  currency: 'USD',
  latitude: NaN,
  longitude: NaN,
  attributes: undefined,
  is_fraud: 0,
  label_timestamp: NaN,
};

function clean(
  rows: readonly Cells[],
  mapping: DatasetMapping = SENTINEL_MAPPING,
  repeatedIds: readonly string[] = [],
) {
  const cleaner = createCleaner(mapping, { repeatedIds: new Set(repeatedIds), unsorted: 0 });
  const kept = cleaner.accept(aColumnBatch(rows));
  return { kept, report: cleaner.report(), dropped: cleaner.droppedRows() };
}

describe('cleaning', () => {
  it.each([
    ['id-missing', { transaction_id: undefined }],
    ['time-missing', { timestamp: NaN }],
    ['time-impossible', { timestamp: -1 }],
    ['time-impossible', { timestamp: Date.UTC(2100, 0, 1) }],
    ['user-missing', { user_id: undefined }],
    ['merchant-missing', { merchant_id: undefined }],
    ['amount-missing', { amount: NaN }],
    ['amount-not-positive', { amount: 0 }],
    ['amount-not-positive', { amount: -5 }],
    ['amount-too-large', { amount: 1e10 }],
  ] as const)('drops a row for %s and counts it (%o)', (reason, cells) => {
    const { kept, report, dropped } = clean([{ ...GOOD, ...cells }, GOOD]);
    expect(kept.map(({ transaction }) => transaction.transactionId)).toEqual(['t1']);
    expect(dropped).toEqual([0]);
    expect(report).toMatchObject({ rowsRead: 2, rowsKept: 1 });
    expect(report.dropped[reason]).toBe(1);
    expect(Object.values(report.dropped).reduce((sum, count) => sum + count)).toBe(1);
  });

  it('takes in countries as the service does: codes in upper case', () => {
    const countries = ['us', 'Gbr', 'DE', 'Elbonia', '87'];
    const rows = countries.map((location_country, index) => ({
      ...GOOD,
      transaction_id: `c${index}`,
      location_country,
    }));
    expect(clean(rows).kept.map(({ transaction }) => transaction.locationCountry)).toEqual(['US', 'GBR', 'DE', 'Elbonia', '87']); // prettier-ignore
  });

  it('drops exact duplicates and ids used again, keeping the first', () => {
    const { kept, report, dropped } = clean([GOOD, { ...GOOD }, { ...GOOD, amount: 99 }], SENTINEL_MAPPING, ['t1']);
    expect(kept).toHaveLength(1);
    expect(report.dropped).toMatchObject({ 'exact-duplicate': 1, 'id-reused': 1 });
    expect(dropped).toEqual([1, 2]);
  });

  it.each([
    ['category-missing', { merchant_category: undefined }, { merchantCategory: 'unknown' }],
    ['type-missing', { transaction_type: undefined }, { transactionType: 'unknown' }],
  ] as const)('repairs %s', (reason, cells, expected) => {
    const { kept, report } = clean([{ ...GOOD, ...cells }]);
    expect(kept[0]?.transaction).toMatchObject(expected);
    expect(report.repaired[reason]).toBe(1);
  });

  it.each([
    { latitude: 91, longitude: 0 },
    { latitude: 0, longitude: -181 },
    { latitude: 10, longitude: NaN },
  ])('removes an impossible location %o', (cells) => {
    const { kept, report } = clean([{ ...GOOD, ...cells }]);
    expect(kept[0]?.transaction).not.toHaveProperty('latitude');
    expect(kept[0]?.transaction).not.toHaveProperty('longitude');
    expect(report.repaired['location-impossible']).toBe(1);
  });

  it('counts rows without a label and frauds apart', () => {
    const { report } = clean([GOOD, { ...GOOD, is_fraud: NaN }, { ...GOOD, is_fraud: 1 }]);
    expect(report).toMatchObject({ rowsKept: 3, unlabelled: 1, frauds: 1 });
  });

  it.each([
    ['amount', { amount: 12.345 }, 12.345],
    ['currency', { currency: 'usd' }, 'usd'],
    ['attributes', { attributes: '{"a"' }, '{"a"'],
    ['attributes', { attributes: '{"a":[1]}' }, '{"a":[1]}'],
    ['attributes', { attributes: 'null' }, 'null'],
  ])('refuses a row whose %s does not parse, naming its place', (column, cells, value) => {
    expect(() => clean([GOOD, { ...GOOD, ...cells }])).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        details: expect.objectContaining({ file: 'rows.csv', line: 3, column, value }),
      }),
    );
  });
});

describe('the Handbook mapping', () => {
  const ROW: Cells = {
    TRANSACTION_ID: '7',
    TX_DATETIME: NOON_MS,
    CUSTOMER_ID: '596',
    TERMINAL_ID: '3156',
    TX_AMOUNT: 57.16,
    TX_FRAUD: 1,
    TX_FRAUD_SCENARIO: '2',
  };

  it('makes a payment of a customer at a terminal, the scenario only in the label', () => {
    expect(clean([ROW], HANDBOOK_MAPPING).kept).toEqual([
      {
        transaction: {
          transactionId: '7',
          userId: '596',
          merchantId: '3156',
          amountMinor: 5716,
          currency: 'USD',
          merchantCategory: 'unknown',
          transactionType: 'purchase',
          eventTimeMs: NOON_MS,
        },
        label: { isFraud: true, arrivalMs: NOON_MS + 7 * DAY_MS, campaign: 'compromised_terminal' },
      },
    ]);
  });

  it('rounds binary noise away, counting it, and keeps amounts of 0', () => {
    const { kept, report } = clean(
      [
        { ...ROW, TX_AMOUNT: 85.64999999999999 },
        { ...ROW, TX_AMOUNT: 0 },
      ],
      HANDBOOK_MAPPING,
    );
    expect(kept.map(({ transaction }) => transaction.amountMinor)).toEqual([8565, 0]);
    expect(report.repaired['amount-rounded']).toBe(1);
  });
});

describe('a mapping', () => {
  it('may count time in units from an origin and keep columns as attributes', () => {
    const mapping: DatasetMapping = {
      ...HANDBOOK_MAPPING,
      columns: [
        ...HANDBOOK_MAPPING.columns.filter(({ name }) => name !== 'TX_DATETIME'),
        { name: 'STEP', type: 'number' },
        { name: 'CHANNEL', type: 'text' },
        { name: 'DISTANCE', type: 'number' },
        { name: 'PRESENT', type: 'boolean' },
      ],
      fields: {
        ...HANDBOOK_MAPPING.fields,
        time: { column: 'STEP', unitMs: 3_600_000, originMs: NOON_MS },
        attributes: ['CHANNEL', 'DISTANCE', 'PRESENT'],
      },
    };
    const base = { TRANSACTION_ID: '1', CUSTOMER_ID: '1', TERMINAL_ID: '1', TX_AMOUNT: 1, TX_FRAUD: 0 };
    const { kept } = clean(
      [
        { ...base, STEP: 2, CHANNEL: 'web', DISTANCE: 1.5, PRESENT: 1 },
        { ...base, STEP: 3, CHANNEL: undefined, DISTANCE: NaN, PRESENT: NaN },
      ],
      mapping,
    );
    expect(kept[0]?.transaction).toMatchObject({
      eventTimeMs: NOON_MS + 7_200_000,
      attributes: { CHANNEL: 'web', DISTANCE: 1.5, PRESENT: true },
    });
    expect(kept[1]?.transaction).not.toHaveProperty('attributes');
  });
});
