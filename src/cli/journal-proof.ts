/** A journal's proof: its storage inspected, its decisions made again; changes nothing, takes no lock. */
import { hashRequest } from '../access/pan-token.ts';
import { onnxRuntime } from '../adapters/onnxruntime/graph-runtime.ts';
import { type JournalProblem } from '../adapters/segments/verify.ts';
import { type FeatureSettings } from '../features/engine.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { createReferenceCheck } from '../usecases/check-references.ts';
import { loadArtifact } from '../usecases/load-champion.ts';
import { verifyJournal } from '../usecases/verify-journal.ts';
import { type Difference, type ParityReport } from '../usecases/verify-parity.ts';
import { type JournalEvidence, type SegmentFacts, type TopicFacts } from './journal-evidence.ts';

export interface JournalProof {
  readonly storage: SegmentFacts | TopicFacts;
  /** What storage tells: damage, a broken chain, a missing part. */
  readonly storageProblems: readonly JournalProblem[];
  /** An unfinished last block, never acknowledged: the next start cuts it. */
  readonly tornTail?: JournalProblem;
  /** Absent when storage is damaged or its beginning is gone, since what follows a gap cannot be made again; and without a model. */
  readonly parity?: ParityReport;
  readonly differences: readonly Difference[];
}

export interface ProofOptions {
  readonly evidence: JournalEvidence;
  readonly registry: ModelRegistry;
  readonly onRecords: (records: number) => void;
  readonly signal: AbortSignal;
}

/** Differences kept for the report; all are counted. */
const SHOWN = 20;

/** Throws ARTIFACT_INVALID when a model is damaged. */
export async function proveJournal({ evidence, registry, onRecords, signal }: ProofOptions): Promise<JournalProof> {
  const found: JournalProblem[] = [];
  const wrongReference = createReferenceCheck();
  const misnamed: Difference[] = [];
  let records = 0;
  const storage = await evidence.inspect(
    async (record) => {
      signal.throwIfAborted();
      onRecords(++records);
      const difference = wrongReference(record);
      if (difference !== undefined) misnamed.push(difference);
    },
    (problem) => found.push(problem),
  );
  // An unfinished last block is innocent only when nothing else is wrong: a cut below a published head looks like one.
  const isInnocent = found.every(({ tornTail }) => tornTail);
  const storageProblems = isInnocent ? [] : found;
  const tornTail = isInnocent ? found[0] : undefined;
  const whole = { storage, storageProblems, ...(tornTail !== undefined && { tornTail }) };
  if (storageProblems.length > 0 || storage.firstSeq > 1) return { ...whole, differences: misnamed.slice(0, SHOWN) };
  const settings = await settingsInProduction(registry);
  if (settings === undefined) return { ...whole, differences: misnamed.slice(0, SHOWN) };
  const differences = [...misnamed];
  const parity = await verifyJournal(
    {
      replay: (take) => evidence.replay(storage.head.seq, take),
      artifactOf: (version) => artifactOf(registry, version),
      hashText: hashRequest,
      onDifference: (difference) => {
        if (differences.length < SHOWN) differences.push(difference);
      },
    },
    settings,
  );
  return { ...whole, parity: { ...parity, differing: parity.differing + misnamed.length }, differences };
}

async function artifactOf(registry: ModelRegistry, version: string): Promise<ModelArtifact | undefined> {
  const known = await registry.list();
  return known.some((entry) => entry.version === version) ? loadArtifact(registry, version, onnxRuntime) : undefined;
}

/** Of the model in production, or of any without one; undefined when there is no model. */
export async function settingsInProduction(registry: ModelRegistry): Promise<FeatureSettings | undefined> {
  const version =
    (await registry.production()) ?? (await registry.list()).find(({ problem }) => problem === undefined)?.version;
  return version === undefined ? undefined : (await loadArtifact(registry, version, onnxRuntime)).featureSettings;
}
