/** A server that shows runs and models to people, who may move models there too; a copy, never the only place. */
import { type ModelStage } from './model-registry.ts';
import { type Run, type RunEnd, type RunInput, type RunMetric, type ImportantFeature } from './tracking.ts';

/** A run as the server knows it. */
export interface ServerRun {
  readonly id: string;
  /** Where it keeps the run's files, in its own words. */
  readonly artifactRoot: string;
}

/** A registered model as the server knows it. */
export interface ServerModel {
  /** The server's number of the version. */
  readonly number: string;
  /** Our version; absent when others registered it. */
  readonly version?: string;
  readonly stage: ModelStage;
}

export interface ServerModels {
  readonly models: readonly ServerModel[];
  /** Number of the model version by alias. */
  readonly aliases: Readonly<Record<string, string>>;
}

export interface ServerRunPart {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly metrics?: readonly RunMetric[];
  readonly inputs?: readonly RunInput[];
  readonly importance?: readonly ImportantFeature[];
}

/**
 * Every call may be repeated, also after its answer was lost. Rejects with TRACKING_UNAVAILABLE when the server does
 * not answer in time, fails, or knows no such user, and with TRACKING_REFUSED when it will not take this very thing.
 */
export interface TrackingServer {
  /** Its address, for people. */
  readonly uri: string;
  /** The server's run of ours, made when there is none. */
  openRun(run: Run): Promise<ServerRun>;
  /** Whether the server knows the run still, be it marked as deleted. */
  hasRun(run: ServerRun): Promise<boolean>;
  /** Any number of values; shows them in no order but that of steps. */
  addToRun(run: ServerRun, part: ServerRunPart): Promise<void>;
  putArtifact(run: ServerRun, path: string, bytes: Uint8Array): Promise<void>;
  readArtifact(run: ServerRun, path: string): Promise<Uint8Array>;
  endRun(run: ServerRun, end: RunEnd & { readonly endedMs: number }): Promise<void>;
  /** All versions of the registered model; none when it is not registered yet. */
  models(): Promise<ServerModels>;
  /** Shows the files under `model/` of a run as our version; resolves to its number. */
  registerModel(run: ServerRun, version: string): Promise<string>;
  /** Moves one version and no other. */
  setStage(number: string, stage: ModelStage): Promise<void>;
  /** Undefined takes the alias away. */
  setAlias(alias: string, number: string | undefined): Promise<void>;
}

/** How far a server was brought up to date with a run. */
export interface SentRun {
  readonly run: ServerRun;
  /** How many of each it has. */
  readonly parameters: number;
  readonly metrics: number;
  readonly inputs: number;
  readonly artifacts: number;
  readonly importance: number;
  /** The server has the model's files. */
  readonly modelFiles: boolean;
  /** The server has all there is. */
  readonly complete: boolean;
}

/** Stages and aliases by our version, as both sides had them when they last agreed. */
export interface AgreedStages {
  readonly stages: Readonly<Record<string, ModelStage>>;
  readonly champion?: string;
  readonly challenger?: string;
}

export interface ServerState {
  readonly runs: Readonly<Record<string, SentRun>>;
  readonly agreed?: AgreedStages;
}

/** What is known of servers, kept beside the runs. */
export interface ServerStates {
  /** Nothing sent yet when the server is new. */
  read(uri: string): Promise<ServerState>;
  /** Durable when it resolves. */
  write(uri: string, state: ServerState): Promise<void>;
  /** Does the work while no other process does; undefined when one does. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
}
