/** What a model said of each payment, as a CSV file: there whole or not at all. */
import { writeFile } from 'node:fs/promises';
import { writeWhole } from '../adapters/duckdb/whole-file.ts';
import { type ScoredSample } from '../training/metric-table.ts';

/** A cell that a comma, quote or line break would break is quoted. Source: RFC 4180, section 2. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Columns id, label (1 fraud), score (calibrated probability) and margin, which ranks where scores tie. */
export async function writePredictions(
  path: string,
  transactionIds: readonly string[],
  { labels, probabilities, margins }: Pick<ScoredSample, 'labels' | 'probabilities' | 'margins'>,
): Promise<void> {
  const lines = transactionIds.map((id, row) => `${cell(id)},${labels[row]},${probabilities[row]},${margins[row]}\n`);
  await writeWhole(path, (temporary) => writeFile(temporary, ['id,label,score,margin\n', ...lines]));
}
