/** A data set that has nothing to work on is refused, with what became of its rows. */
import { SentinelError } from '../domain/errors.ts';
import { type CleaningReport } from './cleaning.ts';
import { DROP_REASONS, reasonsMet } from './cleaning-reasons.ts';

function problemOf({ rowsRead, dropped }: CleaningReport): string {
  if (rowsRead === 0) return 'it has no rows';
  const met = reasonsMet(dropped, DROP_REASONS).map(({ count, words }) => `dropped ${count}: ${words}`);
  return `no usable row is left of ${rowsRead}: ${met.join(', ')}`;
}

/** DATA_UNREADABLE, with each reason and its count, when cleaning kept no row of `files`. */
export function requireRows(report: CleaningReport, files: readonly string[]): void {
  if (report.rowsKept > 0) return;
  throw new SentinelError('DATA_UNREADABLE', { file: files.join(', '), problem: problemOf(report) });
}
