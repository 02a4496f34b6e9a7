/** Journals on disk for tests: small segments, and their files by number. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readChainKey, type ChainKey } from '../../src/adapters/segments/chain-key.ts';
import {
  openSegmentJournal,
  type SegmentJournal,
  type SegmentJournalOptions,
} from '../../src/adapters/segments/journal.ts';
import { segmentPath } from '../../src/adapters/segments/segment-files.ts';
import { type JournalRecord } from '../../src/journal/record.ts';
import { type Journal } from '../../src/ports/journal.ts';
import { aDecisionOf } from './unplaced-records.ts';

/** Holds some twenty of the small decisions of these tests, each in its own block. */
export const SMALL_SEGMENT_BYTES = 8 * 1024;

export function openSmall(directory: string, options: Partial<SegmentJournalOptions> = {}): Promise<SegmentJournal> {
  return openSegmentJournal({ directory, segmentBytes: SMALL_SEGMENT_BYTES, ...options });
}

/** Appends decisions of the ids t1 … t`count`, each committed by itself, as arrivals a second apart. */
export async function appendEach(journal: Journal, count: number, first = 1): Promise<void> {
  for (let index = first; index < first + count; index += 1) {
    await journal.append(aDecisionOf(`t${index}`, { arrivalMs: 1_000 * index })).committed;
  }
}

/** A closed journal of `count` decisions, each a block. */
export async function aJournalOf(directory: string, count: number): Promise<void> {
  const journal = await openSmall(directory);
  await appendEach(journal, count);
  await journal.close();
}

export async function seqsOf(journal: Journal, fromSeq = 1): Promise<number[]> {
  return (await recordsOf(journal, fromSeq)).map(({ seq }) => seq);
}

export async function recordsOf(journal: Journal, fromSeq = 1): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const batch of journal.read(fromSeq)) records.push(...batch);
  return records;
}

export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

export async function keyOf(directory: string): Promise<ChainKey> {
  return (await readChainKey(join(directory, 'chain.key')))!;
}

/** Changes the bytes of a segment on disk, in place or by returning others. */
export function edit(directory: string, number: number, change: (bytes: Buffer) => unknown): void {
  const path = segmentPath(directory, number);
  const bytes = readFileSync(path);
  const changed = change(bytes);
  writeFileSync(path, Buffer.isBuffer(changed) ? changed : bytes);
}

/** Where the blocks of a segment begin, as its bytes say. */
export function blockOffsets(directory: string, number: number): number[] {
  const bytes = readFileSync(segmentPath(directory, number));
  const offsets: number[] = [];
  for (let at = 128; at + 88 <= bytes.length && bytes.readUInt32LE(at) !== 0; at += 88 + bytes.readUInt32LE(at + 12)) {
    offsets.push(at);
  }
  return offsets;
}

export function files(directory: string, suffix: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .sort();
}

/** Removes the side files, which are only ever derived. */
export function forgetIndexes(directory: string): void {
  for (const name of files(directory, '.index')) rmSync(join(directory, name));
}
