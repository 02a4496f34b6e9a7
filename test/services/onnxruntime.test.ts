/** A network that only ONNX Runtime can run, really installed: imported, served, proved, and never explained. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxRuntime } from '../../src/adapters/onnxruntime/graph-runtime.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { readForeignGraph } from '../../src/formats/onnx/foreign.ts';
import { type RunGraph } from '../../src/learners/foreign-graph.ts';
import { type ModelCard } from '../../src/training/model-card/card.ts';
import { ran } from '../support/command-lines.ts';
import { bytesOf, goldenFormats, goldenRows } from '../support/golden-formats.ts';
import { aConfig, aPayment, withService } from '../support/services.ts';

const INSTALL_MS = 600_000;
const NAMES = ['amount', 'amount_zscore', 'user_txn_count_24h', 'amount_cents'];
const golden = goldenFormats('onnx').more['network'] as { readonly model: string; readonly rows: unknown; readonly shares: readonly number[] }; // prettier-ignore
const bytes = bytesOf(golden.model);

const directory = mkdtempSync(join(tmpdir(), 'sentinel-onnxruntime-'));
const models = join(directory, 'models');

/** Where the library is installed already may be named (a `node_modules`), to save its installation. */
function installed(): string {
  const given = process.env['ONNXRUNTIME_MODULES'];
  if (given !== undefined) return given;
  writeFileSync(join(directory, 'package.json'), '{}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', 'onnxruntime-node'], { cwd: directory, stdio: 'pipe' }); // prettier-ignore
  return join(directory, 'node_modules');
}

beforeAll(() => {
  // Beside the program, not in its lock: found as node finds what lies elsewhere.
  process.env['NODE_PATH'] = installed();
  (Module as unknown as { _initPaths(): void })._initPaths();
}, INSTALL_MS);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (line: string) =>
  ran(line, COMMANDS, { environment: { SENTINEL_MODELS_DIR: models, SENTINEL_DATA_DIR: join(directory, 'data') } });

async function answer<T>(line: string): Promise<T> {
  const { exitCode, out, err } = await run(`${line} --json`);
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out) as T;
}

describe('a graph run by ONNX Runtime', () => {
  it('says what scikit-learn says of the same rows, and the same again', () => {
    expect(createRequire(import.meta.url).resolve('onnxruntime-node')).not.toContain(process.cwd());
    const score: RunGraph = onnxRuntime.open(readForeignGraph(bytes).file);
    const rows = goldenRows(golden.rows);
    expect(rows.some((row) => row.some(Number.isNaN))).toBe(true);
    const scores = rows.map((row) => score(row, 0));
    scores.forEach((share, index) => expect(Math.abs(share - golden.shares[index]!)).toBeLessThan(1e-6));
    expect(rows.map((row) => score(row, 0))).toEqual(scores);
  });

  it('is refused with the reason of the runtime when that cannot run it', () => {
    const { file } = readForeignGraph(bytes);
    expect(() => onnxRuntime.open({ ...file, output: 'nowhere' })).toThrow(/The graph run by ONNX Runtime: .*nowhere/);
    expect(() => onnxRuntime.open({ ...file, bytes: bytes.subarray(0, 900) })).toThrow(
      /The graph run by ONNX Runtime: /,
    );
  });
});

describe('a model run by ONNX Runtime', () => {
  it('is imported, decides without reasons, and its decisions are proved', async () => {
    const [file, names, data] = ['network.onnx', 'names.txt', 'payments.csv.gz'].map((name) => join(directory, name));
    writeFileSync(file!, bytes);
    writeFileSync(names!, NAMES.join('\n'));
    await answer(`generate --rows 2500 --users 150 --fraud-share 0.15 --seed 3 --out ${data}`);
    const { version, card } = await answer<{ version: string; card: ModelCard }>(
      `import --from onnx --file ${file} --features ${names} --data ${data} --replicates 0 --promote`,
    );
    expect(card.importance).toEqual([]);
    expect(card.limits.at(-1)).toContain('cannot be explained');
    expect(existsSync(join(models, version, 'model-card.html'))).toBe(true);

    await withService(aConfig(directory, models), async (client) => {
      const { status, body } = await client.post('/api/v1/predict', aPayment({ transaction_id: 't-1' }));
      expect(status).toBe(200);
      expect(body).toMatchObject({ model_version: version, reasons: [] });
      const decision = await client.get('/api/v1/decisions/t-1');
      expect(decision.body).toMatchObject({ contributions: [] });
    });
    const proof = await answer<{ parity: { decisions: number; differing: number; missingVersions: readonly string[] } }>('verify'); // prettier-ignore
    expect(proof.parity).toMatchObject({ decisions: 1, differing: 0, missingVersions: [] });
    const explained = await run(`explain --id t-1`);
    expect(explained.out).toContain('its scores have no contributions');
  });
});
