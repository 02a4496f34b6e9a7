/** The bodies of the rarer records as bytes: cache hits, tables, changes, dead letters. */
import { type CacheHitRecord, type ChangeRecord, type DeadLetterRecord, type TablesRecord } from './record.ts';
import {
  type ByteReader,
  type ByteWriter,
  putCount,
  putF64,
  putText,
  putU8,
  takeCount,
  takeF64,
  takeText,
  takeU8,
} from './bytes.ts';

/** Append only: the place in this list is what the journal holds. */
const SUBJECTS = [
  'model',
  'policy',
  'lists',
  'key',
  'other',
  'run',
] as const satisfies readonly ChangeRecord['subject'][];

export function putCacheHit(writer: ByteWriter, record: Omit<CacheHitRecord, 'seq'>): void {
  putText(writer, record.transactionId);
  putF64(writer, record.decisionSeq);
}

export function takeCacheHit(reader: ByteReader, seq: number, arrivalMs: number): CacheHitRecord {
  return { type: 'cache_hit', seq, arrivalMs, transactionId: takeText(reader), decisionSeq: takeF64(reader) };
}

export function putTables(writer: ByteWriter, record: Omit<TablesRecord, 'seq'>): void {
  const names = Object.keys(record.tables);
  putF64(writer, record.version);
  putCount(writer, names.length);
  for (const name of names) {
    const rows = record.tables[name]!;
    putText(writer, name);
    putCount(writer, rows.length);
    for (const row of rows) {
      putText(writer, row.key);
      putF64(writer, row.rate);
      putF64(writer, row.count);
    }
  }
}

export function takeTables(reader: ByteReader, seq: number, arrivalMs: number): TablesRecord {
  const version = takeF64(reader);
  const tables: [string, { key: string; rate: number; count: number }[]][] = [];
  for (let left = takeCount(reader); left > 0; left -= 1) {
    const name = takeText(reader);
    const rows: { key: string; rate: number; count: number }[] = [];
    for (let rowsLeft = takeCount(reader); rowsLeft > 0; rowsLeft -= 1) {
      rows.push({ key: takeText(reader), rate: takeF64(reader), count: takeF64(reader) });
    }
    tables.push([name, rows]);
  }
  return { type: 'tables', seq, arrivalMs, version, tables: Object.fromEntries(tables) };
}

export function putChange(writer: ByteWriter, record: Omit<ChangeRecord, 'seq'>): void {
  putU8(writer, SUBJECTS.indexOf(record.subject));
  putU8(writer, record.before === undefined ? 0 : 1);
  putText(writer, record.version);
  putText(writer, record.actor);
  if (record.before !== undefined) putText(writer, record.before);
  putText(writer, record.after);
}

export function takeChange(reader: ByteReader, seq: number, arrivalMs: number): ChangeRecord {
  const subject = SUBJECTS[takeU8(reader)];
  if (subject === undefined) throw new RangeError('unknown subject of a change');
  const hasBefore = takeU8(reader) !== 0;
  const version = takeText(reader);
  const actor = takeText(reader);
  const before = hasBefore ? { before: takeText(reader) } : {};
  return { type: 'change', seq, arrivalMs, subject, version, actor, ...before, after: takeText(reader) };
}

export function putDeadLetter(writer: ByteWriter, record: Omit<DeadLetterRecord, 'seq'>): void {
  putText(writer, record.reason);
  putText(writer, record.payload);
}

export function takeDeadLetter(reader: ByteReader, seq: number, arrivalMs: number): DeadLetterRecord {
  return { type: 'dead_letter', seq, arrivalMs, reason: takeText(reader), payload: takeText(reader) };
}
