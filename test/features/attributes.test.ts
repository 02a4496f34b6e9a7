/** Attributes of a payment as values of its vector. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { type AttributeFeature, inForm } from '../../src/domain/attribute-feature.ts';
import { type AttributeValue, type Transaction } from '../../src/domain/transaction.ts';
import { attributeWriter } from '../../src/features/attributes.ts';
import { catalogueFor, getCatalogue } from '../../src/features/catalogue.ts';
import { createFeatureEngine, type FeatureSettings } from '../../src/features/engine.ts';
import { hash32 } from '../../src/features/hash.ts';
import { sentence } from '../../src/features/sentences.ts';
import { createByteWriter, viewOf } from '../../src/journal/bytes.ts';
import { putRecord, takeRecord } from '../../src/journal/frame.ts';
import { aDecisionRecord } from '../support/journal-records.ts';
import { aTransaction, anArrival } from '../support/transactions.ts';

const DAY = 17_500;
const at = (attributes: Readonly<Record<string, AttributeValue>>, more: Partial<Transaction> = {}): Transaction =>
  aTransaction({ eventTimeMs: DAY * 86_400_000 + 3_600_000, attributes, ...more });

function read(form: AttributeFeature['form'], value: AttributeValue | undefined): number {
  const out = new Float64Array(1);
  const transaction = at(value === undefined ? {} : { a: value });
  attributeWriter(inForm(form, ['a']))(transaction, transaction.eventTimeMs, out, 0);
  return out[0]!;
}

describe('an attribute', () => {
  it.each([
    ['number', 3.25, 3.25],
    ['number', true, 1],
    ['number', false, 0],
    ['number', '3', NaN],
    ['number', Infinity, NaN],
    ['number', -Infinity, NaN],
    ['fraction', 31.937, 937],
    ['fraction', 49.999_999_9, 0],
    ['fraction', 50, 0],
    ['first_day', 12, DAY - 12],
    ['width', '1334x750', 1334],
    ['height', '1334x750', 750],
    ['height', '1334', NaN],
  ] as const)('as %s: %s gives %s', (form, value, expected) => {
    expect(read(form, value)).toBe(expected);
  });

  it.each([
    ['category', 'Debit', 'debit'],
    ['category', 13_926, '13926'],
    ['email_vendor', 'yahoo.co.uk', 'yahoo'],
    ['email_vendor', 'gmail', 'gmail'],
    ['email_suffix', 'yahoo.co.uk', 'co.uk'],
    ['device_vendor', 'SM-G930V Build/NRD90M', 'samsung'],
    ['device_vendor', 'iOS Device', 'apple'],
    ['device_vendor', 'Moto G Play', 'motorola'],
    ['device_vendor', 'rv:11.0', 'microsoft'],
    ['device_vendor', 'Hisense L675', 'other'],
    ['system', 'Mac OS X 10_11_6', 'mac os x'],
    ['system', 'Windows 10', 'windows'],
    ['browser', 'mobile safari 11.0', 'mobile safari'],
    ['browser', '62', '62'],
  ] as const)('as %s: %s is known as %s', (form, value, text) => {
    expect(read(form, value)).toBe(hash32(text));
  });

  it.each(['number', 'fraction', 'first_day', 'width', 'category', 'email_vendor', 'email_suffix', 'device_vendor', 'system', 'browser'] as const)(
    'as %s is missing when the payment does not have it',
    (form) => expect(read(form, undefined)).toBeNaN(),
  ); // prettier-ignore

  it('of a domain without a point has no suffix', () => {
    expect(read('email_suffix', 'gmail')).toBeNaN();
  });
});

const ATTRIBUTES = [...inForm('number', ['x']), ...inForm('category', ['kind', 'email_domain']), ...inForm('first_day', ['x'])]; // prettier-ignore
const SETTINGS: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 86_400_000,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
  attributes: ATTRIBUTES,
};

describe('a catalogue with attributes', () => {
  const catalogue = catalogueFor(SETTINGS);
  const own = getCatalogue('sentinel');

  it('has them behind its own features, and a hash of its own', () => {
    expect(catalogue.features.slice(own.features.length).map(({ name }) => name)).toEqual(['x', 'kind', 'email_domain', 'x_first_day']); // prettier-ignore
    expect(catalogue.hash).not.toBe(own.hash);
    expect(catalogueFor({ ...SETTINGS, attributes: [] })).toBe(own);
    const other = catalogueFor({ ...SETTINGS, attributes: [...inForm('category', ['x'])] });
    expect(other.hash).not.toBe(catalogueFor({ ...SETTINGS, attributes: [...inForm('number', ['x'])] }).hash);
  });

  it('refuses one that bears the name of another feature', () => {
    expect(() => catalogueFor({ ...SETTINGS, attributes: inForm('number', ['amount']) })).toThrow('occurs twice');
  });

  it('says each in words', () => {
    const engine = createFeatureEngine(SETTINGS);
    const vector = new Float64Array(catalogue.features.length);
    const arrival = anArrival({ transaction: at({ x: 2.5, kind: 'Gift' }, { emailDomain: 'a.example' }) });
    engine.read(arrival, vector);
    const said = [0, 1, 2, 3].map((i) => sentence(own.features.length + i, vector, catalogue, arrival.transaction));
    expect(said).toEqual(['x is 2.50', 'kind is gift', 'email_domain is a.example', 'x_first_day is 2017-11-27']);
  });

  it('leaves the other features as they are', () => {
    const vectors = [SETTINGS, { ...SETTINGS, attributes: [] }].map((settings) => {
      const engine = createFeatureEngine(settings);
      const vector = new Float64Array(engine.catalogue.features.length);
      engine.read(anArrival({ transaction: at({ x: 1 }) }), vector);
      return vector.subarray(0, own.features.length);
    });
    expect(vectors[0]).toEqual(vectors[1]);
  });

  it('restores a snapshot of equal attributes only', () => {
    const bytes = createFeatureEngine(SETTINGS).snapshot();
    expect(() => createFeatureEngine(SETTINGS).restore(bytes)).not.toThrow();
    expect(() => createFeatureEngine({ ...SETTINGS, attributes: ATTRIBUTES.slice(1) }).restore(bytes)).toThrow();
  });
});

/** The payment as the journal gives it back. */
function recorded(transaction: Transaction): Transaction {
  const writer = createByteWriter(new Uint8Array(64 * 1024));
  putRecord(writer, aDecisionRecord({ transaction }), 1, PRIMITIVES);
  const record = takeRecord(writer.bytes, viewOf(writer.bytes), 0, PRIMITIVES);
  if (record.type !== 'decision') throw new Error('not a decision');
  return record.transaction;
}

describe('the vector of a payment', () => {
  it('is the same from the journal’s record of it, bit for bit', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.boolean(), fc.string());
    const forms = [...inForm('number', ['a', 'b']), ...inForm('category', ['a', 'c']), ...inForm('fraction', ['b'])];
    const write = attributeWriter(forms.map((feature, i) => ({ ...feature, name: `f${i}` })));
    fc.assert(
      fc.property(fc.record({ a: value, b: value, c: value }, { requiredKeys: [] }), (attributes) => {
        const live = at(attributes);
        const [before, after] = [new Float64Array(forms.length), new Float64Array(forms.length)];
        write(live, live.eventTimeMs, before, 0);
        write(recorded(live), live.eventTimeMs, after, 0);
        expect(new Uint8Array(after.buffer)).toEqual(new Uint8Array(before.buffer));
      }),
    );
  });
});
