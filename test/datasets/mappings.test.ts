/** Every mapping is sound: what it refers to is one of its columns, of the right type. */
import { describe, expect, it } from 'vitest';
import { type DatasetMapping, requiredColumns, type TextSource } from '../../src/datasets/mapping.ts';
import { getMapping, MAPPINGS } from '../../src/datasets/mappings.ts';

/** The columns that a text is made of. */
function columnsOf(source: TextSource): [string, string[]][] {
  if ('column' in source) return [[source.column, ['text']]];
  return 'parts' in source ? source.parts.map(({ column }) => [column, ['text', 'number']]) : [];
}

/** Every column a mapping refers to, with the types it may have. */
function references({ fields }: DatasetMapping): [string, string[]][] {
  const { label, location, amount } = fields;
  const texts = [fields.transactionId, fields.userId, fields.merchantId, fields.merchantCategory, fields.transactionType, amount.currency, ...Object.values(fields.optional)]; // prettier-ignore
  const time: [string, string[]] = [fields.time.column, 'unitMs' in fields.time ? ['number'] : ['timestamp']];
  return [
    ...texts.flatMap(columnsOf),
    time,
    [amount.column, ['number']],
    ...(location === undefined ? [] : [location.latitude, location.longitude]).map((name): [string, string[]] => [name, ['number']]), // prettier-ignore
    ...fields.attributes.map((name): [string, string[]] => [name, ['text', 'number', 'boolean']]),
    ...(fields.attributesJson === undefined ? [] : ([[fields.attributesJson, ['text']]] as [string, string[]][])),
    ...(label === undefined ? [] : ([[label.column, ['boolean']]] as [string, string[]][])),
    ...(label?.arrivalColumn === undefined ? [] : ([[label.arrivalColumn, ['timestamp']]] as [string, string[]][])),
    ...(label?.campaign === undefined ? [] : ([[label.campaign.column, ['text']]] as [string, string[]][])),
  ];
}

describe.each(MAPPINGS.map((mapping) => [mapping.name, mapping] as const))('the mapping %s', (name, mapping) => {
  const types = new Map(mapping.columns.map((column) => [column.name, column.type]));

  it('is found by its name', () => {
    expect(getMapping(name)).toBe(mapping);
  });

  it('names each column once', () => {
    expect(types.size).toBe(mapping.columns.length);
  });

  it('refers only to its columns, of a fitting type, and has none without use', () => {
    for (const [column, allowed] of references(mapping)) expect([column, allowed]).toEqual([column, expect.arrayContaining([types.get(column)])]); // prettier-ignore
    expect(new Set(references(mapping).map(([column]) => column))).toEqual(new Set(types.keys()));
  });

  it('requires what no payment can be without', () => {
    const { fields } = mapping;
    expect(requiredColumns(mapping)).toEqual(expect.arrayContaining([fields.time.column, fields.amount.column]));
  });
});

it('says which mappings there are when one is unknown', () => {
  expect(() => getMapping('nothing')).toThrow(/sentinel, handbook/);
});
