/**
 * Compiles the AssemblyScript kernels of the tree engine to WebAssembly, next to the JavaScript that loads them, unless
 * what is there was made from the same sources. Tests, which run the sources, use the same file.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './sources.mjs';

const KERNELS = 'src/trees/kernels';
const FOLDER = join(ROOT, 'dist', 'src', 'trees');
const OUTPUT = join(FOLDER, 'kernels.wasm');
const STAMP = join(FOLDER, 'kernels.sources');
/** Memory is imported and shared between threads; the size of 4 GiB is only a bound for what may be imported. */
const OPTIONS = [
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd,threads,bulk-memory',
  '--disableWarning',
];

/** What the output depends on: the sources, the options and the compiler. */
function sourcesHash() {
  const hash = createHash('sha256').update(OPTIONS.join(' '));
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const files = readdirSync(join(ROOT, KERNELS)).filter((file) => file.endsWith('.ts'));
  for (const file of [
    ...files.map((name) => `${KERNELS}/${name}`),
    'src/trees/job.ts',
    'src/stats/logarithm-series.ts',
  ]) {
    hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.update(version).digest('base64');
}

/** Throws with the compiler's messages when the kernels are wrong. */
export async function compileKernels() {
  if (!existsSync(join(ROOT, KERNELS))) return; // a source tree without the engine
  const hash = sourcesHash();
  if (existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return;
  const { default: compiler } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await compiler.main([`${KERNELS}/index.ts`, '--outFile=kernels.wasm', ...OPTIONS], {
    readFile: (name, base) => {
      const path = join(ROOT, base === ROOT ? '' : base, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
    writeFile: (_name, content) => void (binary = content),
  });
  if (error !== null) throw new Error(`The kernels do not compile:\n${stderr.toString()}`);
  mkdirSync(FOLDER, { recursive: true });
  // Renamed into place, so that no other process ever loads half a file.
  writeFileSync(`${OUTPUT}.${process.pid}`, binary);
  renameSync(`${OUTPUT}.${process.pid}`, OUTPUT);
  writeFileSync(STAMP, hash);
}

/** Vitest calls this before all tests. */
export const setup = compileKernels;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await compileKernels();
