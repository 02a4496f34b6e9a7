import { describe, expect, it } from 'vitest';
import { HANDBOOK_CATALOGUE, SENTINEL_CATALOGUE } from '../../src/features/catalogue.ts';
import { sentence } from '../../src/features/sentences.ts';
import { anEngine, named, vectorOf } from '../support/engines.ts';
import { anArrival, aTransaction, NOON_MS } from '../support/transactions.ts';

/** Names that users know: they never change. */
const FIXED = `amount amount_log amount_cents is_round_amount merchant_category transaction_type device_type card_type
  location_country currency hour_of_day day_of_week is_weekend is_night hour_sin hour_cos day_of_month
  user_txn_count_1h user_txn_count_24h user_txn_count_7d user_txn_amount_24h txn_velocity_1h txn_velocity_24h
  time_since_last_txn user_avg_amount_7d user_std_amount_7d amount_to_avg_ratio amount_zscore device_change_flag
  location_change_flag is_new_merchant is_new_device is_new_country is_new_ip merchant_risk_score country_risk_score`;

describe.each([SENTINEL_CATALOGUE, HANDBOOK_CATALOGUE])('the catalogue $name', (catalogue) => {
  it('gives each feature a formula, a unit and a sentence', () => {
    for (const { formula, unit, description, name } of catalogue.features) {
      expect(formula, name).not.toBe('');
      expect(unit, name).not.toBe('');
      expect(description, name).toMatch(/^[A-Z0-9].*\.$/);
    }
  });

  it('finds each feature by name, and no other', () => {
    for (const [index, { name }] of catalogue.features.entries()) expect(catalogue.indexOf(name)).toBe(index);
    expect(() => catalogue.indexOf('no_such_feature')).toThrow(/no_such_feature/);
  });

  it('has words for every value, missing ones too', () => {
    for (const value of [0, 1, 2.5, NaN]) {
      const vector = new Float64Array(catalogue.features.length).fill(value);
      for (const [index, { name }] of catalogue.features.entries()) {
        const text = sentence(index, vector, catalogue);
        expect(text, name).toMatch(/^\S.{4,}/);
        expect(text, name).not.toMatch(/NaN|undefined|null|Infinity/);
      }
    }
  });

  it('gives the values it declares to a payment without history or optional fields', () => {
    const engine = anEngine({ catalogue: catalogue.name });
    const vector = vectorOf(engine, anArrival());
    for (const [index, { name, entity, whenEmpty, whenMissing }] of catalogue.features.entries()) {
      if (entity === undefined || name.includes('risk_') || name.includes('encoding') || name.includes('AVG')) continue;
      const named = entity === 'user' || entity === 'merchant';
      const fieldAbsent = ['device_change_flag', 'location_change_flag', 'is_new_device', 'is_new_country', 'is_new_ip', 'country_mismatch'].includes(name); // prettier-ignore
      expect(vector[index], name).toBe(named && !fieldAbsent ? whenEmpty : whenMissing);
    }
  });
});

describe('the sentinel catalogue', () => {
  it('holds the names users know', () => {
    const names = new Set(SENTINEL_CATALOGUE.features.map(({ name }) => name));
    expect(FIXED.split(/\s+/).filter((name) => !names.has(name))).toEqual([]);
    expect(names.size).toBeGreaterThanOrEqual(60);
  });

  it('knows the short names', () => {
    expect(SENTINEL_CATALOGUE.indexOf('count_last_1h')).toBe(SENTINEL_CATALOGUE.indexOf('user_txn_count_1h'));
    expect(SENTINEL_CATALOGUE.indexOf('amount_last_24h')).toBe(SENTINEL_CATALOGUE.indexOf('user_txn_amount_24h'));
  });

  it('says what an analyst would say', () => {
    const engine = anEngine();
    for (let i = 0; i < 5; i++) {
      const transaction = aTransaction({ eventTimeMs: NOON_MS + i * 60_000 });
      engine.update(anArrival({ seq: i + 1, transaction }), 'approve');
    }
    const transaction = aTransaction({ eventTimeMs: NOON_MS + 600_000, amountMinor: 123_456, merchantCategory: 'atm' });
    const vector = vectorOf(engine, anArrival({ seq: 9, transaction }));
    const say = (name: string): string =>
      sentence(SENTINEL_CATALOGUE.indexOf(name), vector, SENTINEL_CATALOGUE, transaction);
    expect(say('user_txn_count_1h')).toBe('5 payments in the last hour; usually 0.2 a day');
    expect(say('amount')).toBe('Amount of 1,234.56');
    expect(say('amount_to_max_ratio')).toBe("Amount is 49 times the customer's largest of the last 30 days");
    expect(say('time_since_last_txn')).toBe("6 minutes since the customer's last payment");
    expect(say('merchant_category')).toBe('Merchant category: atm');
    expect(say('is_new_category')).toBe('First payment of the customer in this category');
    expect(say('location_country')).toBe('Not known: Country of the payment, as sent');
  });

  it('names the base currency of sums to who looks at a payment in another one', () => {
    const engine = anEngine();
    engine.update(anArrival({ transaction: aTransaction({ eventTimeMs: NOON_MS }) }), 'approve');
    const transaction = aTransaction({ eventTimeMs: NOON_MS + 600_000, amountMinor: 90_000, currency: 'JPY' });
    const vector = vectorOf(engine, anArrival({ seq: 2, transaction, amountBaseMinor: 123_456 }));
    const say = (name: string, baseCurrency: string): string =>
      sentence(SENTINEL_CATALOGUE.indexOf(name), vector, SENTINEL_CATALOGUE, transaction, baseCurrency);
    expect(say('amount', 'EUR')).toBe('Amount of 1,234.56 EUR');
    expect(say('amount_log', 'EUR')).toBe('Amount of 1,234.56 EUR');
    expect(say('user_txn_amount_1h', 'EUR')).toMatch(/^\d+\.\d\d EUR paid in the last hour$/u);
    expect(say('amount_at_night', 'EUR')).toBe('Not paid at night');
    expect(say('amount', 'JPY')).toBe('Amount of 1,234.56');

    const sums = SENTINEL_CATALOGUE.features.filter(({ unit }) => /\bbase currency$/u.test(unit));
    const said = sums.map((feature) =>
      feature.say(1, { valueOf: () => 1, money: (major) => `${major} EUR`, transaction }),
    );
    expect(said.filter((text) => !text.includes('1 EUR'))).toEqual([]);
  });

  it.each([
    ['USD', 1_001, 'Amount ends in 01 behind the point'],
    ['KWD', 10_001, 'Amount ends in 001 behind the point'],
    ['KWD', 10_010, 'Amount ends in 010 behind the point'],
    ['JPY', 1_001, 'Amounts in JPY have nothing behind the point'],
  ])('says of an amount in %s the digits that it has behind the point', (currency, amountMinor, text) => {
    const transaction = aTransaction({ currency, amountMinor });
    const vector = vectorOf(anEngine(), anArrival({ transaction }));
    const index = SENTINEL_CATALOGUE.indexOf('amount_cents');
    expect(sentence(index, vector, SENTINEL_CATALOGUE, transaction)).toBe(text);
  });

  it('treats an unseen category as unknown, never as an error', () => {
    const engine = anEngine();
    engine.update(anArrival(), 'approve');
    engine.publish(engine.tablesDue(NOON_MS + 3_600_000)!);
    const transaction = aTransaction({
      merchantCategory: '__proto__',
      locationCountry: 'ZZZ',
      cardType: 'constructor',
    });
    const vector = named(engine, vectorOf(engine, anArrival({ seq: 2, transaction })));
    expect(vector).toMatchObject({ category_risk_score: 0.005, category_frequency: 0, country_frequency: 0 });
    expect(vector['amount_to_card_type_avg_ratio']).toBeNaN();
  });
});
