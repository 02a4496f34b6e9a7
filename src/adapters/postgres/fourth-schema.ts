/** The fourth migration: by which record a journal is known again, so that another one is not taken for it. */

/** An older program that still runs moves the position alone: the record beside it is then of no position, and proves nothing. */
export const FOURTH_SCHEMA: readonly string[] = [
  'alter table ledger_positions add column record_seq bigint, add column record_checksum bigint',
  "comment on column ledger_positions.record_seq is 'Of the last record projected; counts where it is the position.'",
  "comment on column ledger_positions.record_checksum is 'Its CRC-32: a journal with another record at this seq is another journal.'",
];
