/** What a command of the command line is, and what it is given. */
import { type Config, type SettingName } from '../config.ts';
import { type Progress } from './progress.ts';

interface Named {
  /** For an option the flag without `--`; for an argument as shown in the usage line. */
  readonly name: string;
  /** Starts with a capital; unit and meaning. */
  readonly sentence: string;
}

export interface Argument extends Named {
  readonly required: boolean;
  /** Takes all that follow; only the last argument may. */
  readonly many?: true;
}

export type Option = Named &
  (
    | { readonly type: 'flag' }
    | {
        readonly type: 'text';
        /** What stands for the value in the usage line, for instance FILE. */
        readonly value: string;
        readonly default?: string;
        readonly choices?: readonly string[];
        readonly required?: true;
      }
    | {
        readonly type: 'number' | 'whole number';
        readonly value: string;
        readonly default?: number;
        readonly minimum?: number;
        readonly maximum?: number;
        readonly required?: true;
      }
  );

/** Arguments and options by name; asking for one that the command does not declare is a mistake in the command. */
export interface Given {
  /** A required text, or one with a default. */
  readonly text: (name: string) => string;
  readonly optionalText: (name: string) => string | undefined;
  /** The values of an argument that takes many. */
  readonly texts: (name: string) => readonly string[];
  readonly number: (name: string) => number;
  readonly optionalNumber: (name: string) => number | undefined;
  readonly flag: (name: string) => boolean;
}

export interface CommandInput {
  readonly given: Given;
  /** File, environment and flags as one Config, read at the call. Throws CONFIG_INVALID. */
  readonly config: () => Config;
  /** The words of the command line that made it differ from file and environment: `--data-dir`, `own`. */
  readonly settingWords: readonly string[];
  readonly json: boolean;
  /** Aborts at Ctrl-C or SIGTERM: leave nothing half-written and throw `signal.reason`, or end well and return. */
  readonly signal: AbortSignal;
  /** A line on stderr, for people. */
  readonly say: (line: string) => void;
  /** Text on stdout before the command ends: only for commands whose result is a stream. */
  readonly write: (text: string) => void;
  readonly progress: (label: string, total?: number, unit?: string) => Progress;
  /** A later phase of a pipeline chooses what is in production: a first model does not get there by being trained. */
  readonly deploysLater?: boolean;
}

export interface Command<Result = unknown> {
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  /** Settings the command reads; each becomes a flag. */
  readonly settings?: readonly SettingName[];
  /** A line that works as it stands. */
  readonly example: string;
  /** The result is what `--json` prints; undefined prints nothing. */
  run(input: CommandInput): Promise<Result>;
  /** The result for people. */
  render(result: Result): string;
  /** The command worked and its answer is no: exit 1 after printing the result. */
  hasFailed?(result: Result): boolean;
}

/** A row of the table of commands; `load` brings in the file only when the command is called. */
export interface CommandEntry {
  /** One word, or two: `ledger rebuild`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

export const EXIT = { done: 0, failed: 1, misused: 2, interrupted: 130 } as const;
