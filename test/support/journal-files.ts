/** A placed journal in one file that several processes append to; nothing is lost while the machine stands. */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type PlacedJournal } from '../../src/usecases/placed-journal.ts';
import { codec } from './shared-instances.ts';

export function openJournalFile(path: string): PlacedJournal {
  const file = openSync(path, 'a');
  return {
    append(record) {
      writeSync(file, codec.encodeRecord(record, record.seq)); // one write, behind all others
      return Promise.resolve();
    },
  };
}

/** All records in the file by seq, and how often each decision was appended; the first of a place counts. */
export function readJournalFile(path: string): readonly JournalRecord[] {
  const bytes = readFileSync(path);
  const records = new Map<number, JournalRecord>();
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at)) {
    const record = codec.decodeRecord(bytes.subarray(at, at + bytes.readUInt32LE(at)));
    if (!records.has(record.seq)) records.set(record.seq, record);
  }
  return [...records.values()].sort((a, b) => a.seq - b.seq);
}
