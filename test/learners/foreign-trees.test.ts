/** Damaged documents of trees learned elsewhere are refused, field by field. */
import { describe, expect, it } from 'vitest';
import { readLightgbm } from '../../src/formats/lightgbm/read.ts';
import { modelFromDocument } from '../../src/learners/documents.ts';
import { goldenFormats } from '../support/golden-formats.ts';

const golden = goldenFormats('lightgbm');
const document = readLightgbm(golden.get('codes').model).model.toDocument();

describe('a document of foreign trees', () => {
  it('has columns of categories', () => {
    expect(document.kind).toBe('foreign-trees');
    expect(document['columns']).toContainEqual(expect.objectContaining({ kind: 'member', feature: 4 }));
  });

  it.each([
    ['rounding', 'float16', /rounding is "float16"/],
    ['columns', 'none', /columns is not a list/],
    ['columns', [], /feature names feature \d+ of 0/],
    ['columns', [{ kind: 'copy', feature: 5 }], /feature names feature 5 of 5/],
    ['columns', [{ kind: 'sum', feature: 0 }], /kind is "sum"/],
    ['columns', [{ kind: 'member', feature: 0 }], /members is missing/],
    ['columns', [{ kind: 'zero-missing', feature: 0, bound: 'x' }], /bound is not a number/],
    ['trees', 7, /trees is not an object/],
  ])('is refused with %s = %j', (field, value, message) => {
    expect(() => modelFromDocument({ ...document, [field]: value })).toThrow(message);
  });

  it('counts gains by feature, columns of categories included', () => {
    const importance = readLightgbm(golden.get('codes').model).model.importance();
    expect(importance).toHaveLength(5);
    expect(importance[4]).toBeGreaterThan(0);
  });
});
