/** Runs as files: the contract, crashes and damage. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryTracking } from '../../../src/adapters/memory/tracking.ts';
import { createFileServerStates } from '../../../src/adapters/tracking-files/server-states.ts';
import { createFileTracking } from '../../../src/adapters/tracking-files/tracking.ts';
import { aTickingClock, describeTracking } from '../../contracts/tracking.ts';
import { aDirectory } from '../../support/directories.ts';
import { FACTS } from '../../support/runs.ts';

describeTracking('memory', async (clock) => createMemoryTracking(clock));
describeTracking('files', async (clock) => createFileTracking(join(aDirectory(), 'runs'), clock));

async function aRunOnDisk() {
  const directory = aDirectory();
  const tracking = createFileTracking(directory, aTickingClock());
  const run = await tracking.start(FACTS);
  await run.add({ artifacts: new Map([['a.txt', Uint8Array.of(1, 2, 3)]]) });
  return { directory, tracking, run, path: (name: string) => join(directory, run.id, name) };
}

describe('a run on disk', () => {
  it('counts as killed once its process is gone', async () => {
    const { tracking, run, path } = await aRunOnDisk();
    const script = `
      import { createFileTracking } from '${join(import.meta.dirname, '../../../src/adapters/tracking-files/tracking.ts')}';
      const tracking = createFileTracking(process.argv[1], { nowMs: Date.now, monotonicUs: () => 0 });
      console.log((await tracking.start(${JSON.stringify(FACTS)})).id);`;
    const words = ['--import', 'tsx', '--input-type=module', '-e', script, join(path('.'), '..')];
    const abandoned = execFileSync(process.execPath, words, { encoding: 'utf8' }).trim();
    utimesSync(path(`../${abandoned}/run.json`), 0, 0); // as a clock that was set forward leaves it
    const { status, endedMs, startedMs, problem } = await tracking.get(abandoned);
    expect({ status, problem }).toEqual({ status: 'killed', problem: 'its process is gone' });
    expect(endedMs).toBe(startedMs);
    expect((await tracking.get(run.id)).status).toBe('running'); // ours is alive
  });

  it('is refused by name when its file was changed', async () => {
    const { tracking, run, path } = await aRunOnDisk();
    const text = readFileSync(path('run.json'), 'utf8');
    writeFileSync(path('run.json'), text.replace('"seed": "1"', '"seed": "2"'));
    await expect(tracking.get(run.id)).rejects.toThrow(/run\.json: its checksum does not fit/);
    writeFileSync(path('run.json'), text.slice(0, 30));
    await expect(tracking.list()).rejects.toThrow(/run\.json: not readable as JSON/);
  });

  it('does not give artifacts other than those it was given', async () => {
    const { tracking, run, path } = await aRunOnDisk();
    writeFileSync(path('artifacts/a.txt'), 'other');
    await expect(tracking.readArtifact(run.id, 'a.txt')).rejects.toMatchObject({ code: 'RUN_DAMAGED' });
  });

  it('takes only plain names for artifacts', async () => {
    const { tracking, run } = await aRunOnDisk();
    for (const name of ['../escape', '/etc/passwd', '.hidden', 'a//b', 'a/../b']) {
      await expect(run.add({ artifacts: new Map([[name, Uint8Array.of(1)]]) })).rejects.toThrow(/usable file name/);
    }
    expect((await tracking.get(run.id)).artifacts.map(({ path }) => path)).toEqual(['a.txt']);
  });

  it('is not there when a crash left its directory empty', async () => {
    const { directory, tracking, run } = await aRunOnDisk();
    mkdirSync(join(directory, 'e'.repeat(32)));
    expect((await tracking.list()).map(({ id }) => id)).toEqual([run.id]);
  });
});

describe('what servers were sent', () => {
  it('is kept by server, across processes', async () => {
    const directory = join(aDirectory(), 'runs');
    const states = createFileServerStates(directory);
    expect(await states.read('http://a')).toEqual({ runs: {} });
    await states.write('http://a', { runs: {}, agreed: { stages: { v1: 'staging' } } });
    await states.write('http://b', { runs: {} });
    const again = createFileServerStates(directory);
    expect(await again.read('http://a')).toEqual({ runs: {}, agreed: { stages: { v1: 'staging' } } });
  });

  it('is changed by one at a time', async () => {
    const states = createFileServerStates(join(aDirectory(), 'runs'));
    const inner = await states.alone(() => states.alone(async () => 'twice'));
    expect(inner).toBeUndefined();
    expect(await states.alone(async () => 'free again')).toBe('free again');
  });
});
