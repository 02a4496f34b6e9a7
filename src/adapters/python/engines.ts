/** The native libraries, each in a Python environment of its own that the rest of the machine never sees. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SentinelError } from '../../domain/errors.ts';

const run = promisify(execFile);

/** What is installed for each engine, the library itself first. */
const PACKAGES = {
  xgboost: ['xgboost', 'numpy'],
  lightgbm: ['lightgbm', 'numpy'],
  catboost: ['catboost', 'numpy'],
  sklearn: ['scikit-learn', 'skl2onnx', 'numpy'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type EngineName = keyof typeof PACKAGES;
export const ENGINE_NAMES = Object.keys(PACKAGES) as readonly EngineName[]; // the keys of a closed table

/** Written last: an environment without it was never finished. */
const READY = 'ready.json';
/** Output of pip kept for an error, and of other programs for an answer. */
const OUTPUT_BYTES = 16 * 1024 * 1024;
/** The end of a program's complaint: the lines before tell how it came to it. */
const LAST_LINES = 3;

export interface Engine {
  readonly name: EngineName;
  readonly directory: string;
  /** Versions of its packages; absent when it is not installed. */
  readonly versions?: Readonly<Record<string, string>>;
}

const directoryOf = (root: string, name: EngineName): string => join(root, name);

/** Where an environment stands by while its successor is made. */
const formerOf = (directory: string): string => `${directory}.former`;

export function pythonOf(root: string, name: EngineName): string {
  const folder = directoryOf(root, name);
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** An engine under `root`, installed or not. */
export function findEngine(root: string, name: EngineName): Engine {
  const directory = directoryOf(root, name);
  const ready = join(directory, READY);
  if (!existsSync(ready)) return { name, directory };
  try {
    return { name, directory, versions: JSON.parse(readFileSync(ready, 'utf8')) as Readonly<Record<string, string>> };
  } catch (error) {
    if (error instanceof SyntaxError) return { name, directory }; // cut while it was written
    throw error;
  }
}

/** What Node tells of a program that failed, awaited or not. */
interface Failure {
  readonly stderr?: string | Buffer;
  readonly message?: string;
  readonly signal?: string | null;
  readonly status?: number | null;
  readonly syscall?: string;
  readonly code?: unknown;
  readonly path?: string;
}

/** What a program said of its failure, else how it ended. */
export function complaintOf(error: unknown): string {
  const { stderr, message, signal, status, syscall, code, path } = error as Failure;
  const said = (stderr ?? '').toString().trim();
  if (said !== '') return said.split('\n').slice(-LAST_LINES).join(' ').trim();
  if (syscall?.startsWith('spawn') === true) return `${path} cannot be started (${String(code)})`;
  if (signal === 'SIGKILL') return 'its Python was ended by SIGKILL, as a machine does whose memory is full';
  if (typeof signal === 'string') return `its Python was ended by ${signal}`;
  if (typeof status === 'number') return `its Python ended with code ${status} and said nothing`;
  return String(message ?? error);
}

/**
 * Makes the environment with `python` and installs the engine's packages, of the newest versions or as `requirements`
 * say. ENGINE_FAILED when Python or a package is not to be had; what was begun is taken away, and one that was there stays.
 */
export async function addEngine(
  root: string,
  name: EngineName,
  { python, signal }: { readonly python: string; readonly signal: AbortSignal },
): Promise<Engine> {
  const directory = directoryOf(root, name);
  const former = formerOf(directory);
  await mkdir(root, { recursive: true });
  if (existsSync(join(directory, READY))) {
    await rm(former, { recursive: true, force: true });
    await rename(directory, former); // and back to the very place, which its programs name
  } else {
    await rm(directory, { recursive: true, force: true });
  }
  const options = { signal, maxBuffer: OUTPUT_BYTES };
  try {
    await run(python, ['-m', 'venv', directory], options);
    const own = pythonOf(root, name);
    await run(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES[name]], options);
    const { stdout } = await run(own, ['-m', 'pip', 'list', '--format=json', '--disable-pip-version-check'], options);
    const installed = JSON.parse(stdout) as readonly { readonly name: string; readonly version: string }[];
    const versions = Object.fromEntries(
      installed.filter((each) => PACKAGES[name].some((wanted) => wanted === each.name)).map((each) => [each.name, each.version]), // prettier-ignore
    );
    await writeFile(join(directory, READY), `${JSON.stringify(versions)}\n`);
    await rm(former, { recursive: true, force: true });
    return { name, directory, versions };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    if (existsSync(former)) await rename(former, directory);
    if (signal.aborted) throw signal.reason;
    throw new SentinelError('ENGINE_FAILED', { engine: name, problem: complaintOf(error) }, error);
  }
}

/** Deletes an engine's environment; false when there was none. */
export async function removeEngine(root: string, name: EngineName): Promise<boolean> {
  const directory = directoryOf(root, name);
  const existed = existsSync(directory);
  for (const each of [directory, formerOf(directory)]) await rm(each, { recursive: true, force: true });
  return existed;
}
