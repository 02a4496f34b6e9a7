/** A checkout in miniature: the real scripts around a few lines of source. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout holds `text`. */
  readonly said: (text: string) => Promise<void>;
}

interface Place {
  readonly directory: string;
  /** Looked in before the usual places. */
  readonly programs: string;
}

export interface Checkout {
  readonly directory: string;
  readonly write: (path: string, content: string) => void;
  readonly start: (program: string, words?: readonly string[], options?: Partial<Place>) => Running;
  readonly remove: () => void;
}

/** `main` is the content of src/cli/main.ts. */
export function aCheckout(main: string): Checkout {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-checkout-'));
  for (const path of [
    'scripts',
    'sentinel',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(join(ROOT, path), join(directory, path), { recursive: true });
  }
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(join(ROOT, 'node_modules/typescript'), join(directory, 'node_modules/typescript'));
  const write = (path: string, content: string): void => writeFileSync(join(directory, path), content);
  mkdirSync(join(directory, 'src/cli'), { recursive: true });
  write('src/cli/main.ts', main);
  write('package-lock.json', '{ "packages": { "": {} } }');
  write('node_modules/.package-lock.json', '{ "packages": {} }');
  return {
    directory,
    write,
    start: (program, words = [], options = {}) => started(program, words, { directory, programs: '', ...options }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function started(program: string, words: readonly string[], { directory, programs }: Place): Running {
  const child = spawn(program, words, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${programs}:${process.env.PATH}` },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    ended,
    said: async (text) => {
      while (!out.includes(text)) {
        const over = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
        if (over !== undefined && !out.includes(text)) throw new Error(`ended without saying ${text}: ${err}`);
      }
    },
  };
}
