/** Looks a data set over without holding its rows. */
import { type DatasetMapping } from '../datasets/mapping.ts';
import { type ExplorationReport } from '../training/exploration/report.ts';

export interface DatasetExplorer {
  /**
   * Counts what is in the files as they are, before cleaning. Rejects with DATA_UNREADABLE when a file cannot be read
   * or lacks a column, DATA_INVALID when a cell does not parse. `onColumns` hears the columns done; what it throws ends
   * the work.
   */
  explore(
    mapping: DatasetMapping,
    files: readonly string[],
    options?: { readonly onColumns?: (done: number, of: number) => void },
  ): Promise<ExplorationReport>;
}
