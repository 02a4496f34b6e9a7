/** The import law: what each folder may import, which library lives where, and that nothing goes round in circles. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const CORE = ['domain', 'stats', 'metrics', 'trees', 'learners', 'formats', 'features', 'datasets', 'simulation', 'training', 'scoring', 'decisions', 'journal', 'ledger', 'monitoring', 'experiments', 'retraining'] as const; // prettier-ignore

/** folder → folders it may import; `types` only as types. */
const LAW: Readonly<Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>> = {
  domain: { values: [] },
  stats: { values: [] },
  metrics: { values: ['stats'] },
  trees: { values: ['stats'] },
  learners: { values: ['stats', 'trees'] },
  formats: { values: ['stats', 'trees', 'learners'] },
  features: { values: ['domain', 'stats'] },
  datasets: { values: ['domain'] },
  simulation: { values: ['domain', 'stats'] },
  training: { values: ['domain', 'stats', 'features', 'learners', 'metrics', 'datasets'] },
  scoring: { values: ['domain', 'stats', 'features', 'learners'] },
  decisions: { values: ['domain', 'features', 'metrics', 'ledger'] },
  journal: { values: ['domain'], types: ['features', 'scoring', 'decisions'] },
  ledger: { values: ['domain'] },
  monitoring: { values: ['domain', 'stats', 'metrics', 'ledger'] },
  experiments: { values: ['domain', 'stats', 'metrics'] },
  retraining: { values: ['training', 'experiments', 'monitoring'] },
  ports: { values: [], types: [...CORE] },
  usecases: { values: [...CORE, 'ports'] },
  adapters: { values: ['domain', 'journal', 'ledger', 'stats', 'datasets'], types: [...CORE, 'ports'] },
  load: { values: ['domain', 'simulation', 'wire'], types: ['ports'] },
  access: { values: ['domain'] },
  wire: { values: ['domain'], types: [...CORE, 'ports', 'usecases'] },
  http: { values: ['usecases', 'wire', 'domain', 'access'], types: [...CORE, 'ports', 'config.ts'] },
  worker: { values: ['usecases', 'wire', 'domain'], types: ['ports'] },
  'setting.ts': { values: [] },
  'database-settings.ts': { values: ['setting.ts'] },
  'kafka-settings.ts': { values: ['setting.ts'] },
  'redis-settings.ts': { values: ['setting.ts'] },
  'deployment.ts': { values: ['kafka-settings.ts', 'redis-settings.ts'] },
  'config.ts': {
    values: ['domain', 'setting.ts', 'database-settings.ts', 'kafka-settings.ts', 'redis-settings.ts', 'deployment.ts'],
  },
  'http-thread': { values: ['access', 'adapters', 'domain', 'http', 'journal', 'usecases', 'wire'], types: ['ports'] },
  compose: {
    values: [
      ...CORE,
      'ports',
      'usecases',
      'adapters',
      'wire',
      'http',
      'http-thread',
      'worker',
      'access',
      'load',
      'config.ts',
      'database-settings.ts',
      'kafka-settings.ts',
      'redis-settings.ts',
      'deployment.ts',
    ],
  },
  'index.ts': { values: [...CORE, 'ports', 'usecases', 'compose', 'config.ts'] },
  cli: {
    values: [
      ...CORE,
      'ports',
      'usecases',
      'adapters',
      'http',
      'compose',
      'config.ts',
      'database-settings.ts',
      'kafka-settings.ts',
      'redis-settings.ts',
      'deployment.ts',
      'setting.ts',
      'wire',
      'access',
      'load',
      'bench',
    ],
  },
};

const PURE: ReadonlySet<string> = new Set(CORE);
/** `trees/team.ts` alone starts threads; `formats/onnx/protobuf.ts` turns messages to bytes by a library that only computes. */
const MAY_USE_NODE: ReadonlySet<string> = new Set(['trees/team.ts', 'formats/onnx/protobuf.ts']);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

const STATEMENT =
  /^(?:import|export)\s+(type\s+)?(?:([^'"]*?)\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** An import is of types only when it says `type` itself or before every name. */
function isTypeOnly(keyword: string | undefined, clause: string | undefined): boolean {
  if (keyword !== undefined) return true;
  const names = clause?.match(/^\{([\s\S]*)\}$/)?.[1];
  if (names === undefined) return false;
  return names
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => name.trim().startsWith('type '));
}

function importsOf(path: string): Import[] {
  const file = relative(join(ROOT, 'src'), path);
  return [...readFileSync(path, 'utf8').matchAll(STATEMENT)].map((match) => {
    const specifier = match[3] ?? match[4]!;
    const target = specifier.startsWith('.')
      ? relative(join(ROOT, 'src'), resolve(dirname(path), specifier))
      : specifier;
    return { file, target, typeOnly: isTypeOnly(match[1], match[2]) };
  });
}

/** `bench/` stands beside `src/`. */
const folderOf = (path: string): string => path.replace(/^\.\.\//, '').split('/')[0]!;
const files = sources(join(ROOT, 'src'));
const imports = files.flatMap(importsOf);
const inside = imports.filter(({ target }) => target.endsWith('.ts'));

describe('the tree', () => {
  it('has no folder that the import law does not name', () => {
    const unknown = new Set(
      files.map((path) => folderOf(relative(join(ROOT, 'src'), path))).filter((f) => !(f in LAW)),
    );
    expect([...unknown]).toEqual([]);
  });

  it('is the one src/README.md draws', () => {
    const map = readFileSync(join(ROOT, 'src/README.md'), 'utf8');
    const drawn = [...map.matchAll(/^\| `([\w.-]+)\/?` +\|/gm)].map((match) => match[1]!);
    const there = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'README.md');
    expect(drawn.sort()).toEqual(there.sort());
  });

  it('imports one way, as the law says', () => {
    const broken = inside.filter(({ file, target, typeOnly }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from === to && from !== 'adapters') return false;
      // The machine itself is no technology of choice: every adapter may use it.
      if (from === 'adapters' && to === 'adapters')
        return ![file.split('/')[1], 'system'].includes(target.split('/')[1]);
      const law = LAW[from];
      if (law === undefined) return false;
      return !law.values.includes(to) && !(typeOnly && law.types?.includes(to));
    });
    expect(broken.map(({ file, target, typeOnly }) => `${file} → ${target}${typeOnly ? ' (types)' : ''}`)).toEqual([]);
  });

  it('has no import cycle, not even of types', () => {
    const graph = new Map<string, string[]>();
    for (const { file, target } of inside) graph.set(file, [...(graph.get(file) ?? []), target]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('keeps clocks, I/O and hidden randomness out of the pure folders', () => {
    const node = imports.filter(
      ({ file, target, typeOnly }) =>
        PURE.has(folderOf(file)) && !typeOnly && !target.endsWith('.ts') && !MAY_USE_NODE.has(file),
    );
    expect(node.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
    const impure = files
      .filter((path) => PURE.has(folderOf(relative(join(ROOT, 'src'), path))))
      .filter((path) =>
        /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|\bprocess\.|performance\.now/.test(readFileSync(path, 'utf8')),
      );
    expect(impure.map((path) => relative(ROOT, path))).toEqual([]);
  });

  it('keeps each library in one folder', () => {
    const homes = new Map<string, Set<string>>();
    for (const { file, target } of imports) {
      if (target.endsWith('.ts') || target.startsWith('node:')) continue;
      const library = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      const home = folderOf(file) === 'adapters' ? file.split('/').slice(0, 2).join('/') : folderOf(file);
      homes.set(library, (homes.get(library) ?? new Set()).add(home));
    }
    const spread = [...homes].filter(([, folders]) => folders.size > 1);
    expect(spread.map(([library, folders]) => `${library}: ${[...folders].join(', ')}`)).toEqual([]);
  });

  it('has no file over 400 lines', () => {
    const long = [...files, ...sources(join(ROOT, 'test'))].filter(
      (path) => readFileSync(path, 'utf8').split('\n').length > 401,
    );
    expect(long.map((path) => relative(ROOT, path))).toEqual([]);
  });

  it('opens each source file with one sentence about its duty', () => {
    const silent = files.filter((path) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(path, 'utf8')));
    expect(silent.map((path) => relative(ROOT, path))).toEqual([]);
  });
});
