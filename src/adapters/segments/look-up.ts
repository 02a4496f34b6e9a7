/** Finds what memory no longer holds: a decision by its id in older segments, the chain's MAC at an earlier seq. */
import { fingerprint } from '../../journal/fingerprint.ts';
import { type Mac } from '../../journal/block.ts';
import { viewOf } from '../../journal/bytes.ts';
import { type DecisionRecord } from '../../journal/record.ts';
import { scanBlocks } from '../../journal/scan.ts';
import { inspectSegment } from '../../journal/segment.ts';
import { type ChainKey } from './chain-key.ts';
import { PRIMITIVES } from '../system/byte-primitives.ts';
import { readRecord } from './reader.ts';
import { loadIndex } from './recovery.ts';
import { segmentPath } from './segment-files.ts';
import { findRow, type SegmentSummary } from './segment-index.ts';
import { readHeader, readSegment, startOfChain } from './segment-scan.ts';

interface Place {
  readonly directory: string;
  readonly key: ChainKey;
  readonly mac: Mac;
}

/** The decision of `transactionId` in one of the sealed `segments`; a segment dropped since holds none. */
export async function findDecisionIn({
  directory,
  key,
  mac,
  transactionId,
  segments,
  onNotice,
}: Place & {
  readonly transactionId: string;
  readonly segments: readonly number[];
  readonly onNotice: (text: string) => void;
}): Promise<DecisionRecord | undefined> {
  const wanted = new Uint32Array(4);
  fingerprint(transactionId, key.seed, wanted, 0);
  for (const number of segments) {
    const path = segmentPath(directory, number);
    try {
      const bytes = await readHeader(path);
      const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
      if (found.kind !== 'segment') continue;
      const { ids } = await loadIndex(directory, { number, path, header: found.header }, key, mac, onNotice);
      const row = findRow(ids, wanted);
      if (row < 0) continue;
      const record = await readRecord(path, ids.offsets[row]!);
      if (record.type === 'decision' && record.transaction.transactionId === transactionId) return record;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

/** MAC of the block that ends with `seq`, hex; '' for 0; undefined when no block ends there. */
export async function macAt(
  { directory, key, mac }: Place,
  seq: number,
  sealed: readonly SegmentSummary[],
  active: number | undefined,
): Promise<string | undefined> {
  if (seq === 0) return '';
  const segment = sealed.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq);
  if (segment?.lastSeq === seq) return hex(segment.mac);
  const number = segment?.number ?? active;
  if (number === undefined) return undefined;
  const bytes = await readSegment(segmentPath(directory, number));
  const found = inspectSegment(bytes, viewOf(bytes), key.id, mac);
  if (found.kind !== 'segment') return undefined;
  let result: string | undefined;
  scanBlocks(
    bytes,
    startOfChain(found.header),
    { mac, primitives: PRIMITIVES },
    () => undefined,
    (header) => {
      if (header.firstSeq + header.count - 1 === seq) result = hex(header.mac);
    },
  );
  return result;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
