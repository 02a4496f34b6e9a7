/** The notebooks run from top to bottom, as their first cell says, on fewer payments. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const NOTEBOOKS = resolve(import.meta.dirname, '..', '..', 'notebooks');
const INSTALL_MS = 900_000;
const ROWS = '15000';

const work = mkdtempSync(join(tmpdir(), 'sentinel-notebooks-'));
const bin = join(work, 'venv', 'bin');
const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}`, NOTEBOOK_ROWS: ROWS, NOTEBOOK_WORK: work }; // prettier-ignore
const run = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: environment });

beforeAll(() => {
  run('python3', '-m', 'venv', join(work, 'venv'));
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  run(join(bin, 'python'), ...pip, '-r', join(NOTEBOOKS, 'requirements.txt'));
}, INSTALL_MS);
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Notebook {
  readonly cells: readonly {
    readonly cell_type: string;
    readonly execution_count?: number | null;
    readonly outputs?: readonly { readonly data?: Readonly<Record<string, unknown>> }[];
  }[];
}

it.each([
  ['exploration', 3],
  ['model-comparison', 1],
])('%s executes, with all its figures, and is kept without results', (name, figures) => {
  const source = join(NOTEBOOKS, `${name}.ipynb`);
  const kept = JSON.parse(readFileSync(source, 'utf8')) as Notebook;
  expect(kept.cells.every(({ outputs = [] }) => outputs.length === 0)).toBe(true);
  const executed = join(work, `${name}.ipynb`);
  run(join(bin, 'jupyter'), 'execute', `--output=${executed}`, source); // fails when a cell does
  expect(existsSync(executed)).toBe(true);
  const { cells } = JSON.parse(readFileSync(executed, 'utf8')) as Notebook;
  const code = cells.filter(({ cell_type }) => cell_type === 'code');
  expect(code.map(({ execution_count }) => execution_count)).toEqual(code.map((_, index) => index + 1));
  const pictures = code.flatMap(({ outputs = [] }) => outputs).filter(({ data }) => data?.['image/png'] !== undefined);
  expect(pictures.length).toBe(figures);
});
