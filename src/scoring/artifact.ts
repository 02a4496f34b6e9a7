/** A trained model on disk: everything needed to score with it, and to know where it came from. */
import { SentinelError } from '../domain/errors.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { type FeatureSettings, plainSettings } from '../features/settings.ts';
import { type Calibrator } from '../learners/calibration/calibrator.ts';
import { calibratorFromDocument, modelFromDocument } from '../learners/documents.ts';
import { type OpenGraph } from '../learners/foreign-graph.ts';
import { type Model, type ModelDocument } from '../learners/protocol.ts';
import { createScorer, type Scorer } from './score.ts';

const ARTIFACT_FORMAT = 1;
export const ARTIFACT_FILE = 'artifact.json';

/**
 * When exact contributions are computed: with every decision, at once only for review and block, or never, where
 * the model is a graph of a foreign runtime.
 */
export type ExplanationPolicy = 'always' | 'flagged' | 'none';

/** A vector with the bits it scored to when the model was trained: the smoke test before a model goes into service. */
export interface GoldenRow {
  /** Values in catalogue order; null is missing. */
  readonly vector: readonly (number | null)[];
  readonly margin: number;
  readonly probability: number;
}

/** Where a model came from; plain JSON, shown by the model card and `model/info`. */
export interface Provenance {
  readonly createdMs: number;
  readonly codeVersion: string;
  readonly seed: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly data: Readonly<{
    mapping: string;
    path: string;
    sha256: string;
    rows: number;
    fromMs: number;
    toMs: number;
  }>;
  readonly learners: readonly string[];
  /** The file of a model that was trained elsewhere. */
  readonly importedFrom?: Readonly<{ format: string; path: string; sha256: string }>;
}

export interface ModelArtifact {
  readonly version: string;
  readonly modelType: string;
  readonly catalogue: Readonly<{ name: string; hash: string; features: readonly string[] }>;
  readonly featureSettings: FeatureSettings;
  readonly model: Model;
  readonly calibrator: Calibrator;
  readonly explanations: ExplanationPolicy;
  /** Of the amounts it learned from; absent from artifacts of earlier versions. */
  readonly currency?: string;
  /** Probabilities chosen on the policy period; review < block. */
  readonly thresholds: Readonly<{ review: number; block: number }>;
  /** Headline metrics on the test period. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly provenance: Provenance;
  readonly golden: readonly GoldenRow[];
  /** Features of the catalogue that the model was kept from; absent when from none. */
  readonly unusedFeatures?: readonly string[];
}

/** The artifact's own file; equal artifacts give equal bytes. */
export function encodeArtifact(artifact: ModelArtifact): Uint8Array {
  const { model, calibrator, ...rest } = artifact;
  const document = { format: ARTIFACT_FORMAT, ...rest, model: model.toDocument(), calibrator: calibrator.toDocument() };
  return new TextEncoder().encode(JSON.stringify(document));
}

type ArtifactDocument = Omit<ModelArtifact, 'model' | 'calibrator'> & {
  readonly format: number;
  readonly model: ModelDocument;
  readonly calibrator: unknown;
};

/**
 * Reads an artifact, refusing with ARTIFACT_INVALID what is damaged, of another format, made for another feature
 * catalogue, or does not reproduce its golden rows bit for bit. `place` names it in errors; `openGraph` is for
 * models that need a foreign runtime.
 */
export function decodeArtifact(
  bytes: Uint8Array,
  catalogue: Catalogue | undefined,
  place: string,
  openGraph?: OpenGraph,
): ModelArtifact {
  return readDocument(bytes, place, (document, refuse) => {
    if (catalogue !== undefined && document.catalogue.hash !== catalogue.hash) {
      refuse(`made for feature catalogue ${document.catalogue.hash}, this program has ${catalogue.hash}`);
    }
    const { format: _, ...rest } = document;
    const model = modelFromDocument(document.model, openGraph);
    if (model.featureCount !== rest.catalogue.features.length) {
      refuse(`its model reads ${model.featureCount} features, its catalogue names ${rest.catalogue.features.length}`);
    }
    const artifact = { ...rest, model, calibrator: calibratorFromDocument(document.calibrator) };
    reproduceGolden(artifact, refuse);
    return artifact;
  });
}

/** The settings of the features an artifact was made for, its model left unread. ARTIFACT_INVALID when they are damaged. */
export function readFeatureSettings(bytes: Uint8Array, place: string): FeatureSettings {
  return readDocument(bytes, place, ({ featureSettings }) => plainSettings(featureSettings));
}

/** What `read` makes of the document; whatever goes wrong becomes ARTIFACT_INVALID. */
function readDocument<T>(
  bytes: Uint8Array,
  place: string,
  read: (document: ArtifactDocument, refuse: (problem: string) => never) => T,
): T {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new SentinelError('ARTIFACT_INVALID', { path: place, problem }, cause);
  };
  try {
    const document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as ArtifactDocument; // its writer is above; what matters is checked by `read`
    if (document.format !== ARTIFACT_FORMAT) refuse(`format ${document.format}, expected ${ARTIFACT_FORMAT}`);
    return read(document, refuse);
  } catch (error) {
    if (error instanceof SentinelError) throw error;
    return refuse(error instanceof Error ? error.message : String(error), error);
  }
}

function reproduceGolden(artifact: ModelArtifact, refuse: (problem: string) => never): void {
  const scorer = scorerOf(artifact);
  for (const [row, golden] of artifact.golden.entries()) {
    const score = scorer.score(Float64Array.from(golden.vector, (value) => value ?? NaN));
    if (score.margin !== golden.margin || score.probability !== golden.probability) {
      refuse(`golden row ${row} gives margin ${score.margin}, stored ${golden.margin}`);
    }
  }
}

/** The scorer of an artifact. */
export function scorerOf(artifact: Pick<ModelArtifact, 'version' | 'model' | 'calibrator'>): Scorer {
  return createScorer(artifact.version, artifact.model, artifact.calibrator);
}

/** A version name from a moment: vYYYYMMDD_HHMMSS in UTC. */
export function versionAt(epochMs: number): string {
  const text = new Date(epochMs).toISOString();
  return `v${text.slice(0, 10).replaceAll('-', '')}_${text.slice(11, 19).replaceAll(':', '')}`;
}
