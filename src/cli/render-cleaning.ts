/** What became of the rows of a data set, as lines for a terminal. */
import { type CleaningReport } from '../datasets/cleaning.ts';
import { DROP_REASONS, REPAIR_REASONS } from '../datasets/cleaning-reasons.ts';

/** The lines below where rows were dropped or repaired; none otherwise. */
export function cleaningNotice(report: CleaningReport): string[] {
  const counts = [...Object.values(report.dropped), ...Object.values(report.repaired)];
  return counts.some((count) => count > 0) ? renderCleaning(report) : [];
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
  const counted = <Reason extends string>(
    verb: string,
    counts: Readonly<Record<Reason, number>>,
    reasons: Readonly<Record<Reason, string>>,
  ): string[] =>
    (Object.keys(counts) as Reason[])
      .filter((reason) => counts[reason] > 0)
      .map((reason) => `  ${verb} ${counts[reason]}: ${reasons[reason]}`);
  return [
    `${rowsKept} of ${rowsRead} rows kept, ${frauds} frauds${unlabelledToo}`,
    ...counted('dropped', dropped, DROP_REASONS),
    ...counted('repaired', repaired, REPAIR_REASONS),
  ];
}
