/** The registry as files: the contract, and what it says of damaged files. */
import { readdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryModelRegistry } from '../../../src/adapters/memory/model-registry.ts';
import { createFileModelRegistry } from '../../../src/adapters/registry-files/model-registry.ts';
import { takeLock } from '../../../src/adapters/system/lock.ts';
import { undoAsAtExit } from '../../support/exits.ts';
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
    expect(await registry.list()).toMatchObject([{ problem: expect.stringContaining('checksum does not fit') }]);
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

  it.each([
    ['null', /stages\.json: is no list of stages/],
    ['[]', /stages\.json: is no list of stages/],
    [`{"${VERSION}":"Production"}`, /stages\.json: v20260101_000000 is in stage "Production", which is none/],
    ['{"v2026', /not readable as JSON; move it away, and promote a model again/],
  ])('of the stages file is refused where it is %s', async (text, problem) => {
    const { directory } = await aSavedModel();
    await writeFile(join(directory, 'stages.json'), text);
    await expect(createFileModelRegistry(directory, STILL_CLOCK).list()).rejects.toThrow(problem);
  });
});

describe('a version that is damaged beyond being listed', () => {
  const LATER = 'v20260102_030405';
  async function besideASoundOne() {
    const { directory, path } = await aSavedModel();
    const registry = createFileModelRegistry(directory, STILL_CLOCK);
    await registry.save(LATER, new Map([['artifact.json', Uint8Array.of(1)]]), { rocAuc: 0.8 });
    return { directory, path, registry };
  }

  it('is named with its problem, and the others are listed all the same', async () => {
    const { registry, path } = await besideASoundOne();
    await registry.setStage(VERSION, 'production');
    await rm(path('manifest.json'));
    expect(await registry.list()).toEqual([
      { version: LATER, stage: 'none', createdMs: STILL_CLOCK.nowMs(), metrics: { rocAuc: 0.8 } },
      {
        version: VERSION,
        stage: 'production',
        createdMs: Date.UTC(2026, 0, 1),
        metrics: {},
        problem: expect.stringContaining(`${path('manifest.json')}: missing`),
      },
    ]);
  });

  it('is named too when it is no directory at all', async () => {
    const { registry, directory } = await besideASoundOne();
    const empty = join(directory, 'v20260103_000000');
    await writeFile(empty, '');
    const refused = { code: 'ARTIFACT_INVALID', message: expect.stringContaining(`${empty}: is a file`) as string };
    expect(await registry.list()).toMatchObject([
      { version: 'v20260103_000000', metrics: {}, problem: refused.message },
      { version: LATER, metrics: { rocAuc: 0.8 } },
      { version: VERSION },
    ]);
    await expect(registry.load('v20260103_000000')).rejects.toMatchObject(refused);
    await expect(registry.setStage('v20260103_000000', 'production')).rejects.toMatchObject(refused);
  });

  it('can be archived, and put into no other stage', async () => {
    const { registry, path } = await besideASoundOne();
    await registry.setStage(VERSION, 'production');
    await rm(path('manifest.json'));
    await expect(registry.setStage(VERSION, 'staging')).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' });
    await registry.setStage(VERSION, 'archived');
    expect(await registry.production()).toBeUndefined();
  });

  it('is in production no more once its directory was removed', async () => {
    const { registry, directory } = await besideASoundOne();
    await registry.setStage(VERSION, 'production');
    await rm(join(directory, VERSION), { recursive: true });
    expect(await registry.production()).toBeUndefined();
  });
});

describe('several processes', () => {
  it('do not undo the stages each other sets', async () => {
    const directory = freshDirectory();
    const versions = Array.from({ length: 8 }, (_, day) => `v2026010${day + 1}_000000`);
    for (const version of versions) {
      await createFileModelRegistry(directory, STILL_CLOCK).save(version, new Map(), {});
    }
    const [champion, ...others] = versions;
    // A registry of its own for each is what several processes have: they share nothing but the files.
    await Promise.all([
      ...others.map((version) => createFileModelRegistry(directory, STILL_CLOCK).setStage(version, 'staging')),
      createFileModelRegistry(directory, STILL_CLOCK).setStage(champion!, 'production'),
    ]);
    const stages = (await createFileModelRegistry(directory, STILL_CLOCK).list()).map(({ stage }) => stage);
    expect(stages).toEqual([...others.map(() => 'staging'), 'production']);
    expect(await readdir(directory)).not.toContain('.stages.lock');
  });

  it('that save the same version leave the first, the second is told', async () => {
    const directory = freshDirectory();
    const saved = await Promise.allSettled(
      [1, 2].map((byte) =>
        createFileModelRegistry(directory, STILL_CLOCK).save(VERSION, new Map([['a', Uint8Array.of(byte)]]), {}),
      ),
    );
    const refused = saved.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'ARTIFACT_INVALID' } }]);
  });

  it('say who holds the stages for too long', async () => {
    const { directory } = await aSavedModel();
    const lock = takeLock(directory, '.stages.lock');
    const registry = createFileModelRegistry(directory, STILL_CLOCK, { patienceMs: 50 });
    await expect(registry.setStage(VERSION, 'staging')).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    lock.release();
    await registry.setStage(VERSION, 'staging');
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

it('leaves no draft of a model when the process ends without waiting', async () => {
  const directory = freshDirectory();
  const ending = {
    ...STILL_CLOCK,
    nowMs() {
      expect(readdirSync(directory)).toEqual([expect.stringMatching(/^\.draft-/)]);
      undoAsAtExit();
      expect(readdirSync(directory)).toEqual([]);
      return STILL_CLOCK.nowMs();
    },
  };
  await expect(createFileModelRegistry(directory, ending).save(VERSION, new Map(), {})).rejects.toThrow('ENOENT');
});

it('names the model for which there is no room', async () => {
  const directory = freshDirectory();
  const full = {
    ...STILL_CLOCK,
    nowMs() {
      symlinkSync('/dev/full', join(directory, readdirSync(directory)[0]!, 'manifest.json'));
      return STILL_CLOCK.nowMs();
    },
  };
  const path = join(directory, VERSION);
  const saved = createFileModelRegistry(directory, full).save(VERSION, new Map(), {});
  await expect(saved).rejects.toMatchObject({ code: 'ENOSPC', path });
  expect(readdirSync(directory)).toEqual([]);
});

it('names the stages file for which there is no room', async () => {
  const { directory } = await aSavedModel();
  const path = join(directory, 'stages.json');
  symlinkSync('/dev/full', `${path}.${process.pid}.tmp`);
  const promoted = createFileModelRegistry(directory, STILL_CLOCK).setStage(VERSION, 'production');
  await expect(promoted).rejects.toMatchObject({ code: 'ENOSPC', path });
  expect(readdirSync(directory)).toEqual([VERSION]);
});
