/**
 * Builds dist from the sources that changed. Types are not checked here (`npm run check` does), which makes the first
 * start many seconds sooner; `npm run build` writes the same JavaScript together with declarations.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { compileKernels } from './compile-kernels.mjs';
import { BUILT, builtHashes, changedPaths, ROOT, sourceHashes } from './sources.mjs';

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
// One file at a time: without the packages around it, a file is an ES module because we say so.
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, module: 'ESNext', moduleResolution: 'Bundler', noEmit: false },
  ROOT,
);
delete options.rootDir;
delete options.incremental;
delete options.tsBuildInfoFile;
const outputOf = (path) => join(ROOT, 'dist', path.replace(/\.ts$/, '.js'));

/** Writes the output of one source; returns what is wrong with its syntax. */
function emit(path) {
  const output = outputOf(path);
  mkdirSync(dirname(output), { recursive: true });
  if (!path.endsWith('.ts')) {
    copyFileSync(join(ROOT, path), output);
    return [];
  }
  const text = readFileSync(join(ROOT, path), 'utf8');
  const result = ts.transpileModule(text, { compilerOptions: options, fileName: path, reportDiagnostics: true });
  writeFileSync(output, result.outputText);
  return result.diagnostics ?? [];
}

const before = builtHashes();
const now = sourceHashes();
const changed = changedPaths(before, now);
/** The kernels are AssemblyScript, compiled on their own. */
const isKernel = (path) => path.startsWith('src/trees/kernels/');
const isProduct = (path) => (/^(src|bench)\//.test(path) && !isKernel(path)) || path === 'package.json';
const all = changed.some((path) => !isProduct(path) && !isKernel(path)); // compiler or options changed: nothing is up to date
for (const path of changed) if (!(path in now)) rmSync(outputOf(path), { force: true });
const mistakes = (all ? Object.keys(now) : changed).filter((path) => path in now && isProduct(path)).flatMap(emit);
if (mistakes.length > 0) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' };
  console.error(ts.formatDiagnostics(mistakes, host));
  process.exit(1);
}
await compileKernels();
writeFileSync(BUILT, JSON.stringify(now));
