/** Payments decoded: every field to its place, canonical JSON, and a table that says what the decoder does. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../src/wire/json-body.ts';
import { PAYMENT_FIELDS, PAYMENT_SCHEMA, type PaymentField } from '../../src/wire/payment-fields.ts';
import { createPaymentDecoder } from '../../src/wire/payment.ts';

const hashed: string[] = [];
const decoder = createPaymentDecoder({
  tokenise: (pan) => `token-${pan.slice(-1)}`,
  hash: (text) => (hashed.push(text), text),
});
const decode = (text: string, key?: string) => {
  const { value, ...traits } = readJson(Buffer.from(text));
  return decoder.decode(value, { ...traits, prefix: '' }, key);
};
const decodeValue = (value: unknown) => decode(JSON.stringify(value));

const without = (body: object, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));

const FULL = {
  transaction_id: 'p1',
  user_id: 'u1',
  amount: 12.34,
  merchant_id: 'm1',
  merchant_category: 'grocery',
  transaction_type: 'purchase',
  timestamp: '2026-01-15T12:00:00.5+01:00',
  currency: 'eur',
  card_id: 'c1',
  device_id: 'd1',
  device_type: 'mobile',
  ip_address: '2001:db8::1',
  location_country: 'de',
  location_city: 'Köln',
  latitude: 50.9,
  longitude: -0,
  card_type: 'visa',
  card_last_four: '0042',
  email_domain: 'example.com',
  attributes: { b: 1, a: 'x', c: true },
};

describe('createPaymentDecoder', () => {
  it('puts every field in its place', () => {
    expect(decodeValue(FULL).transaction).toEqual({
      transactionId: 'p1',
      userId: 'u1',
      amountMinor: 1_234,
      merchantId: 'm1',
      merchantCategory: 'grocery',
      transactionType: 'purchase',
      eventTimeMs: Date.UTC(2026, 0, 15, 11, 0, 0, 500),
      currency: 'EUR',
      cardId: 'c1',
      deviceId: 'd1',
      deviceType: 'mobile',
      ipAddress: '2001:db8::1',
      locationCountry: 'DE',
      locationCity: 'Köln',
      latitude: 50.9,
      longitude: 0,
      cardType: 'visa',
      cardLastFour: '0042',
      emailDomain: 'example.com',
      attributes: { a: 'x', b: 1, c: true },
    });
    expect(Object.keys(FULL).sort()).toEqual(Object.keys(PAYMENT_FIELDS));
  });

  it('hashes the JSON of what was sent with sorted names, as an independent serialisation gives it', () => {
    decodeValue(FULL);
    const sorted = Object.fromEntries(Object.entries(FULL).sort(([a], [b]) => (a < b ? -1 : 1)));
    const expected = JSON.stringify({ ...sorted, attributes: { a: 'x', b: 1, c: true } });
    expect(hashed.at(-1)).toBe(expected);
    expect(createHash('sha256').update(hashed.at(-1)!).digest('hex')).toHaveLength(64);
  });

  it('hashes alike whatever the order of names, the blanks and the escapes of the source', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(FULL), { minLength: 20 }), fc.boolean(), (names, spaced) => {
        const body = Object.fromEntries(names.map((name) => [name, FULL[name as keyof typeof FULL]]));
        const plain = JSON.stringify(body, null, spaced ? 2 : 0);
        const reference = decodeValue(FULL).requestHash;
        expect(decode(plain).requestHash).toBe(reference);
        expect(decode(plain.replace('"u1"', '"\\u00751"')).requestHash).toBe(reference);
      }),
    );
  });

  it('hashes what differs differently', () => {
    const reference = decodeValue(FULL).requestHash;
    for (const name of Object.keys(FULL)) {
      if (PAYMENT_FIELDS[name as keyof typeof FULL] && 'required' in PAYMENT_FIELDS[name as keyof typeof FULL])
        continue;
      expect(decodeValue(without(FULL, name)).requestHash, name).not.toBe(reference);
    }
    expect(decodeValue({ ...FULL, amount: 12.35 }).requestHash).not.toBe(reference);
  });

  it('leaves id and time to their defaults, and takes a key for the id outside the hash', () => {
    const rest = without(FULL, 'transaction_id', 'timestamp', 'currency');
    const plain = decode(JSON.stringify(rest));
    expect(plain.transaction).not.toHaveProperty('transactionId');
    expect(plain.transaction).not.toHaveProperty('eventTimeMs');
    expect(plain.transaction.currency).toBe('USD');
    const keyed = decode(JSON.stringify(rest), 'key');
    expect(keyed.transaction.transactionId).toBe('key');
    expect(keyed.requestHash).toBe(plain.requestHash);
  });

  it.each(Object.entries(PAYMENT_FIELDS as Readonly<Record<string, PaymentField>>).filter(([, field]) => field.bounds))(
    'holds the bounds that the table gives for %s',
    (name, { kind, bounds }) => {
      const [low, high] = bounds!;
      const step = kind === 'degrees' ? 0.001 : 1;
      const make = (size: number) => (kind === 'degrees' ? size : 'x'.repeat(size));
      expect(() => decodeValue({ ...FULL, [name]: make(low) })).not.toThrow();
      expect(() => decodeValue({ ...FULL, [name]: make(high) })).not.toThrow();
      expect(() => decodeValue({ ...FULL, [name]: make(low - step) })).toThrow(name);
      expect(() => decodeValue({ ...FULL, [name]: make(high + step) })).toThrow(name);
    },
  );

  it('requires what the schema requires', () => {
    for (const name of Object.keys(FULL)) {
      const rest = without(FULL, name);
      const required = PAYMENT_SCHEMA.required!.includes(name);
      if (required) expect(() => decodeValue(rest)).toThrow(`${name}: this field is required`);
      else expect(() => decodeValue(rest)).not.toThrow();
    }
  });
});
