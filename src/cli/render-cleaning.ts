/** What became of the rows of a data set, as lines for a terminal. */
import { type CleaningReport } from '../datasets/cleaning.ts';
import { DROP_REASONS, reasonsMet, REPAIR_REASONS } from '../datasets/cleaning-reasons.ts';

/** The lines below where rows were dropped or repaired; none otherwise. */
export function cleaningNotice(report: CleaningReport): string[] {
  const counts = [...Object.values(report.dropped), ...Object.values(report.repaired)];
  return counts.some((count) => count > 0) ? renderCleaning(report) : [];
}

/** What a table makes of payments that the file says nothing of; no line when there are none. */
export function unlabelledNotice({ rowsKept, unlabelled }: CleaningReport): string[] {
  return unlabelled === 0 ? [] : [`${unlabelled} of ${rowsKept} payments have no label: they count as genuine`];
}

/** Rows read and kept, then each reason that met any row. */
export function renderCleaning({
  rowsRead,
  rowsKept,
  frauds,
  unlabelled,
  dropped,
  repaired,
}: CleaningReport): string[] {
  const unlabelledToo = unlabelled === 0 ? '' : `, ${unlabelled} without a label`;
  return [
    `${rowsKept} of ${rowsRead} rows kept, ${frauds} frauds${unlabelledToo}`,
    ...reasonsMet(dropped, DROP_REASONS).map(({ count, words }) => `  dropped ${count}: ${words}`),
    ...reasonsMet(repaired, REPAIR_REASONS).map(({ count, words }) => `  repaired ${count}: ${words}`),
  ];
}
