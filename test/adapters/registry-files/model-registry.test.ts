/** The registry as files: the contract, and what it says of damaged files. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryModelRegistry } from '../../../src/adapters/memory/model-registry.ts';
import { createFileModelRegistry } from '../../../src/adapters/registry-files/model-registry.ts';
import { describeModelRegistry, STILL_CLOCK } from '../../contracts/model-registry.ts';

const root = await mkdtemp(join(tmpdir(), 'sentinel-registry-'));
let opened = 0;
const freshDirectory = (): string => join(root, `registry-${opened++}`);
afterAll(() => rm(root, { recursive: true, force: true }));

describeModelRegistry('memory', async () => createMemoryModelRegistry(STILL_CLOCK));
describeModelRegistry('files', async () => createFileModelRegistry(freshDirectory(), STILL_CLOCK));

const VERSION = 'v20260101_000000';

async function aSavedModel(): Promise<{ directory: string; path: (name: string) => string }> {
  const directory = freshDirectory();
  const content = new Map([['artifact.json', new TextEncoder().encode('{"weights":[1,2,3]}')]]);
  await createFileModelRegistry(directory, STILL_CLOCK).save(VERSION, content, { rocAuc: 0.9 });
  return { directory, path: (name) => join(directory, VERSION, name) };
}

describe('damage', () => {
  const damages: Record<string, (path: (name: string) => string) => Promise<void>> = {
    'one flipped bit': async (path) => {
      const bytes = await readFile(path('artifact.json'));
      bytes[3]! ^= 1;
      await writeFile(path('artifact.json'), bytes);
    },
    'a truncated file': (path) => truncate(path('artifact.json'), 5),
    'a missing file': (path) => rm(path('artifact.json')),
  };
  const problems = { 'one flipped bit': /SHA-256/, 'a truncated file': /5 bytes instead of 19/, 'a missing file': /missing/ }; // prettier-ignore

  it.each(Object.keys(damages) as (keyof typeof problems)[])(
    'of %s is refused, naming path and problem',
    async (kind) => {
      const { directory, path } = await aSavedModel();
      await damages[kind]!(path);
      const attempt = createFileModelRegistry(directory, STILL_CLOCK).load(VERSION);
      await expect(attempt).rejects.toMatchObject({
        code: 'ARTIFACT_INVALID',
        details: { path: path('artifact.json') },
      });
      await expect(attempt).rejects.toThrow(problems[kind]);
    },
  );

  it('of the manifest is refused, also where it stays valid JSON', async () => {
    const { directory, path } = await aSavedModel();
    const text = await readFile(path('manifest.json'), 'utf8');
    await writeFile(path('manifest.json'), text.replace('0.9', '0.99'));
    const registry = createFileModelRegistry(directory, STILL_CLOCK);
    await expect(registry.load(VERSION)).rejects.toThrow(/manifest\.json: its checksum does not fit/);
    await expect(registry.list()).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' });
    await writeFile(path('manifest.json'), text.slice(0, 40));
    await expect(registry.load(VERSION)).rejects.toThrow(/not readable as JSON/);
    await rm(path('manifest.json'));
    await expect(registry.load(VERSION)).rejects.toThrow(/manifest\.json: missing/);
  });

  it('of the stages file is refused by name', async () => {
    const { directory } = await aSavedModel();
    await writeFile(join(directory, 'stages.json'), '{"v2026');
    await expect(createFileModelRegistry(directory, STILL_CLOCK).production()).rejects.toThrow(/stages\.json/);
  });
});

describe('the directory', () => {
  it('survives a new process and holds nothing half-written', async () => {
    const { directory } = await aSavedModel();
    await createFileModelRegistry(directory, STILL_CLOCK).setStage(VERSION, 'production');
    expect(await createFileModelRegistry(directory, STILL_CLOCK).production()).toBe(VERSION);
    expect((await readdir(directory)).sort()).toEqual(['stages.json', VERSION]);
  });

  it('does not show a draft that a crash left behind', async () => {
    const { directory } = await aSavedModel();
    await writeFile(join(directory, '.draft-abc'), 'half');
    expect((await createFileModelRegistry(directory, STILL_CLOCK).list()).map(({ version }) => version)).toEqual([VERSION]); // prettier-ignore
  });

  it('takes only plain file names', async () => {
    const registry = createFileModelRegistry(freshDirectory(), STILL_CLOCK);
    for (const name of ['../escape', 'manifest.json', '.hidden', 'a/b']) {
      await expect(registry.save(VERSION, new Map([[name, Uint8Array.of(1)]]), {})).rejects.toThrow(/usable file name/);
    }
    expect(await registry.list()).toEqual([]);
  });
});
