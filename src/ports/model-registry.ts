/** Trained models by version, and which of them is in service. */

export const MODEL_STAGES = ['none', 'staging', 'production', 'archived'] as const;
export type ModelStage = (typeof MODEL_STAGES)[number];

export interface ModelEntry {
  /** vYYYYMMDD_HHMMSS, UTC. */
  readonly version: string;
  readonly stage: ModelStage;
  readonly createdMs: number;
  /** Headline metrics on the test period, by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Why the version cannot be used, where that shows without reading it whole; its metrics are then unknown. */
  readonly problem?: string;
}

export interface ModelRegistry {
  /** All versions, newest first; damaged ones too. */
  list(): Promise<readonly ModelEntry[]>;
  /** The version in production; undefined when none is, or it was removed. */
  production(): Promise<string | undefined>;
  /** The files of an artifact by name; ARTIFACT_INVALID when one is missing or its checksum is wrong. */
  load(version: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Writes all files or none, as stage `none`; refuses a version that exists. */
  save(
    version: string,
    files: ReadonlyMap<string, Uint8Array>,
    metrics: Readonly<Record<string, number>>,
  ): Promise<void>;
  /**
   * Moves a version to a stage; the former production version becomes archived. What is damaged can be archived only: else
   * ARTIFACT_INVALID.
   */
  setStage(version: string, stage: ModelStage): Promise<void>;
}
