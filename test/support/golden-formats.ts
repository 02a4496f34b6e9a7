/** Models made by the real libraries, with what these say of awkward rows (test/golden/formats/recipe.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ImportedModel } from '../../src/formats/imported-model.ts';
import { readOnnx } from '../../src/formats/onnx/read.ts';
import { type Columns } from '../../src/learners/protocol.ts';

type StoredRows = readonly (readonly (number | null | '-0')[])[];

interface StoredCase {
  readonly name: string;
  readonly model: string;
  readonly rows: StoredRows;
  readonly training?: string;
  readonly categories?: readonly (string | null)[];
  readonly margins: readonly number[];
  readonly contributions: readonly (readonly number[])[];
}

export interface GoldenCase {
  readonly name: string;
  /** Name of the rows it was trained on. */
  readonly training?: string;
  readonly model: string;
  /** What an imported model reads of each row, its categories by their codes. */
  readonly rowsFor: (imported: ImportedModel) => readonly Float64Array[];
  readonly margins: readonly number[];
  /** Of the first rows; the expected margin last. */
  readonly contributions: readonly (readonly number[])[];
}

export interface GoldenFile {
  readonly cases: readonly GoldenCase[];
  readonly get: (name: string) => GoldenCase;
  /** What else the recipe wrote. */
  readonly more: Readonly<Record<string, unknown>>;
}

const STORED = join(import.meta.dirname, '..', 'golden', 'formats');

/** What the recipe wrote in a directory, the stored one unless another is given. */
export function goldenFormats(library: string, directory = STORED): GoldenFile {
  const path = join(directory, `${library}.json`);
  const { cases: stored, ...more } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly cases: readonly StoredCase[];
  };
  const cases = stored.map(({ rows, categories, ...rest }) => ({
    ...rest,
    rowsFor: (imported: ImportedModel) =>
      rows.map((row, index) => {
        const values = numbersOf(row);
        return Float64Array.from(
          categories === undefined ? values : [...values, codeOf(imported, categories[index] ?? null)],
        );
      }),
  }));
  return { cases, more, get: (name) => cases.find((item) => item.name === name)! };
}

const numbersOf = (row: StoredRows[number]): number[] =>
  row.map((value) => (value === null ? NaN : value === '-0' ? -0 : value));

/** Rows as the recipe writes them. */
export function goldenRows(rows: unknown): readonly Float64Array[] {
  return (rows as StoredRows).map((row) => Float64Array.from(numbersOf(row)));
}

/** The number the model reads for a text of its last feature. */
function codeOf(imported: ImportedModel, text: string | null): number {
  const { texts, unknown } = imported.features.at(-1)!.categories!;
  if (text === null) return NaN;
  const code = texts.indexOf(text);
  return code < 0 ? unknown : code;
}

export const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

/** A case of the ONNX file, explained against the rows it was trained on. */
export function readGoldenOnnx({ more }: GoldenFile, item: GoldenCase): ImportedModel {
  const imported = readOnnx(bytesOf(item.model));
  const rows = goldenRows((more['training'] as Readonly<Record<string, unknown>>)[item.training!]);
  const columns: Columns = {
    names: imported.features.map(({ name }) => name),
    rows: rows.length,
    values: imported.features.map((_, feature) => Float64Array.from(rows, (row) => Math.fround(row[feature]!))),
  };
  return { ...imported, model: imported.referredTo!(columns) };
}
