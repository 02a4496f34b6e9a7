/** Training runs: what was asked, from what, what came of it; kept whole by this program, whoever shows them. */

/** `killed`: interrupted, or its process is gone without a word. */
export type RunStatus = 'running' | 'finished' | 'failed' | 'killed';

export interface RunFacts {
  /** What started it, for instance `sentinel train`. */
  readonly source: string;
  /** Commit of the program's repository, 40 hex digits; absent outside one. */
  readonly commit?: string;
  /** The work tree differed from that commit. */
  readonly modified?: boolean;
  readonly user: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RunMetric {
  readonly name: string;
  /** Finite. */
  readonly value: number;
  readonly step: number;
  /** When it was measured, epoch milliseconds. */
  readonly timeMs: number;
}

/** A file learned from. */
export interface RunInput {
  readonly path: string;
  readonly bytes: number;
  /** 32 hex digits. */
  readonly md5: string;
  /** 64 hex digits. */
  readonly sha256: string;
}

export interface RunArtifact {
  /** With `/` between folders. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ImportantFeature {
  readonly feature: string;
  /** Mean |Shapley value|, log-odds. */
  readonly meanShap: number;
  /** Share of the model's total gain, 0..1. */
  readonly gainShare: number;
}

export interface Run extends RunFacts {
  /** 32 hex digits. */
  readonly id: string;
  readonly status: RunStatus;
  readonly startedMs: number;
  /** Absent while it runs. */
  readonly endedMs?: number;
  /** The model version it made, under which the registry has its files. */
  readonly model?: string;
  /** Why it failed. */
  readonly problem?: string;
  /** Only ever appended to, as inputs and artifacts are. */
  readonly metrics: readonly RunMetric[];
  readonly inputs: readonly RunInput[];
  readonly artifacts: readonly RunArtifact[];
  readonly importance: readonly ImportantFeature[];
}

/** What becomes known while a run goes on; parameters are new ones, the rest is appended. */
export interface RunPart {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly metrics?: readonly RunMetric[];
  readonly inputs?: readonly RunInput[];
  readonly artifacts?: ReadonlyMap<string, Uint8Array>;
  readonly importance?: readonly ImportantFeature[];
}

export interface RunEnd {
  readonly status: Exclude<RunStatus, 'running'>;
  readonly model?: string;
  readonly problem?: string;
}

export interface OpenRun {
  readonly id: string;
  /** Durable when it resolves. */
  add(part: RunPart): Promise<void>;
  finish(end: RunEnd): Promise<void>;
}

export interface Tracking {
  start(facts: RunFacts): Promise<OpenRun>;
  /** All runs, newest first. */
  list(): Promise<readonly Run[]>;
  /** NOT_FOUND when there is none with this id, or none that begins so. */
  get(id: string): Promise<Run>;
  /** RUN_DAMAGED when the bytes are not those that were added. */
  readArtifact(id: string, path: string): Promise<Uint8Array>;
}
