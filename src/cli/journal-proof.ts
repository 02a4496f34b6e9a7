/** A data directory's proof: its storage scanned, its decisions made again; changes nothing, takes no lock. */
import { join } from 'node:path';
import { hashRequest } from '../access/pan-token.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { readChainKey } from '../adapters/segments/chain-key.ts';
import { newestSnapshotHeader } from '../adapters/segments/snapshot-store.ts';
import { type JournalProblem, type JournalScan, scanJournal } from '../adapters/segments/verify.ts';
import { SentinelError } from '../domain/errors.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type JournalRecord } from '../journal/record.ts';
import { type JournalHead } from '../ports/journal.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { createReferenceCheck } from '../usecases/check-references.ts';
import { loadArtifact } from '../usecases/load-champion.ts';
import { verifyJournal } from '../usecases/verify-journal.ts';
import { type Difference, type ParityReport } from '../usecases/verify-parity.ts';

export interface JournalProof {
  readonly storage: JournalScan;
  /** What storage tells: damage, a broken chain, a missing part. */
  readonly storageProblems: readonly JournalProblem[];
  /** An unfinished last block, never acknowledged: the next start cuts it. */
  readonly tornTail?: JournalProblem;
  /** Absent when storage is damaged or its beginning is gone: what follows a gap cannot be made again. */
  readonly parity?: ParityReport;
  readonly differences: readonly Difference[];
}

export interface ProofOptions {
  readonly dataDir: string;
  readonly registry: ModelRegistry;
  /** A head told to the world; the newest snapshot's is used without one. */
  readonly published?: JournalHead;
  readonly onRecords: (records: number) => void;
  readonly signal: AbortSignal;
}

/** Differences kept for the report; all are counted. */
const SHOWN = 20;

/** Throws JOURNAL_CORRUPT when the key of the chain is missing, ARTIFACT_INVALID when a model is damaged. */
export async function proveJournal(options: ProofOptions): Promise<JournalProof> {
  const { dataDir, registry } = options;
  const directory = join(dataDir, 'journal');
  const key = await readChainKey(join(directory, 'chain.key'));
  if (key === undefined) {
    throw new SentinelError('JOURNAL_CORRUPT', { place: join(directory, 'chain.key'), problem: 'the file is missing' });
  }
  const published = options.published ?? (await newestSnapshotHeader(join(dataDir, 'snapshots'), key));
  const found: JournalProblem[] = [];
  const scan = async (
    onProblem: (problem: JournalProblem) => void,
    take: (record: JournalRecord) => Promise<void>,
    throughSeq?: number,
  ): Promise<JournalScan> => {
    let waiting: JournalRecord[] = [];
    return scanJournal({
      directory,
      key,
      ...(published !== undefined && { published }),
      ...(throughSeq !== undefined && { throughSeq }),
      onProblem,
      onRecord: (record) => void waiting.push(record),
      onSegment: async () => {
        const records = waiting;
        waiting = [];
        for (const record of records) await take(record);
      },
    });
  };
  const wrongReference = createReferenceCheck();
  const misnamed: Difference[] = [];
  let records = 0;
  const storage = await scan(
    (problem) => found.push(problem),
    async (record) => {
      options.signal.throwIfAborted();
      options.onRecords(++records);
      const difference = wrongReference(record);
      if (difference !== undefined) misnamed.push(difference);
    },
  );
  // An unfinished last block is innocent only when nothing else is wrong: a cut below a published head looks like one.
  const isInnocent = found.every(({ tornTail }) => tornTail);
  const storageProblems = isInnocent ? [] : found;
  const tornTail = isInnocent ? found[0] : undefined;
  const whole = { storage, storageProblems, ...(tornTail !== undefined && { tornTail }) };
  if (storageProblems.length > 0 || storage.firstSeq > 1) return { ...whole, differences: misnamed.slice(0, SHOWN) };
  const differences = [...misnamed];
  const parity = await verifyJournal(
    {
      replay: async (take) => void (await scan(() => undefined, take, storage.head.seq)),
      artifactOf: (version) => artifactOf(registry, version),
      hashText: hashRequest,
      onDifference: (difference) => {
        if (differences.length < SHOWN) differences.push(difference);
      },
    },
    await settingsInProduction(registry),
  );
  return { ...whole, parity: { ...parity, differing: parity.differing + misnamed.length }, differences };
}

async function artifactOf(registry: ModelRegistry, version: string): Promise<ModelArtifact | undefined> {
  const known = await registry.list();
  return known.some((entry) => entry.version === version) ? loadArtifact(registry, version, onnxRuntime) : undefined;
}

async function settingsInProduction(registry: ModelRegistry): Promise<FeatureSettings> {
  const version = (await registry.production()) ?? (await registry.list())[0]?.version;
  if (version === undefined)
    throw new SentinelError('NOT_READY', { reason: 'there is no model to make decisions again' });
  return (await loadArtifact(registry, version, onnxRuntime)).featureSettings;
}
