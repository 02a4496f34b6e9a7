/** The second migration: a position for each source of records. */
import { JOURNAL_SOURCE } from '../../ledger/source.ts';
import { tableSql } from './table-sql.ts';

export const POSITIONS_BY_SOURCE: readonly string[] = [
  ...tableSql({
    name: 'ledger_positions',
    sentence: 'Up to where each source of records is projected, updated in the transaction that writes the rows.',
    columns: [
      ['source', 'text primary key', 'The journal of one process, or a partition of a topic.'],
      ['position', 'bigint not null', 'In the journal the seq of the last record projected.'],
    ],
  }),
  `insert into ledger_positions (source, position) select '${JOURNAL_SOURCE}', seq from ledger_position`,
  'drop table ledger_position',
];
