/** Runs and stages on their way to a server that may fail anywhere. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMemoryModelRegistry } from '../../src/adapters/memory/model-registry.ts';
import { createMemoryServerStates, createMemoryTracking } from '../../src/adapters/memory/tracking.ts';
import { createMlflowServer } from '../../src/adapters/mlflow/tracking-server.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { syncTracking } from '../../src/usecases/sync-tracking.ts';
import { aTickingClock } from '../contracts/tracking.ts';
import { createMlflowInMemory } from '../support/mlflow-in-memory.ts';
import { aMetric, FACTS } from '../support/runs.ts';

const V1 = 'v20260101_000000';
const V2 = 'v20260102_000000';

function aSetting() {
  const clock = aTickingClock();
  const tracking = createMemoryTracking(clock);
  const registry = createMemoryModelRegistry(clock);
  const states = createMemoryServerStates();
  const mlflow = createMlflowInMemory();
  const unservable = new Set<string>();
  const files = new Map([['artifact.json', new Uint8Array(randomBytes(1_000))]]);
  const sync = (uri = 'http://mlflow') =>
    syncTracking({
      tracking,
      registry,
      states,
      server: createMlflowServer({ uri, timeoutMs: 1_000, experiment: 'e', registeredModel: 'm', fetch: mlflow.fetch }),
      checkServable: async (version) => {
        if (unservable.has(version)) throw new SentinelError('ARTIFACT_INVALID', { path: version, problem: 'damaged' });
      },
    });
  const train = async (version: string): Promise<string> => {
    const run = await tracking.start(FACTS);
    const metrics = Array.from({ length: 5 }, (_, step) => aMetric('rocAuc', step / 10, step));
    await run.add({ metrics, artifacts: new Map([['inputs/p.csv.dvc', Uint8Array.of(1)]]), inputs: [{ path: 'p.csv', bytes: 1, md5: 'a', sha256: 'b' }] }); // prettier-ignore
    await registry.save(version, files, {});
    await run.finish({ status: 'finished', model: version });
    return run.id;
  };
  return { tracking, registry, mlflow, sync, train, files, unservable };
}

const QUIET = { problems: [], waiting: 0 };

describe('runs', () => {
  it('reach the server whole, with the model’s files, and only once', async () => {
    const { mlflow, sync, train, files } = aSetting();
    await train(V1);
    expect(await sync()).toMatchObject({ ...QUIET, sent: 1 });
    const [run] = [...mlflow.runs.values()];
    expect(run).toMatchObject({ info: { status: 'FINISHED' }, datasets: [{ dataset: { digest: 'a' } }] });
    expect(Object.fromEntries(run!.params)).toEqual(FACTS.parameters);
    expect(run!.metrics.size).toBe(5);
    expect([...mlflow.files.keys()]).toEqual(['1/r1/artifacts/inputs/p.csv.dvc', '1/r1/artifacts/model/artifact.json']);
    expect(mlflow.files.get('1/r1/artifacts/model/artifact.json')).toEqual(files.get('artifact.json'));
    expect(mlflow.versions).toMatchObject([{ version: '1', source: 'mlflow-artifacts:/1/r1/artifacts/model' }]);
    mlflow.calls.length = 0;
    expect(await sync()).toMatchObject({ ...QUIET, sent: 0 });
    expect(mlflow.calls.filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('are seen while they go on, and completed later', async () => {
    const { mlflow, sync, tracking } = aSetting();
    const run = await tracking.start(FACTS);
    expect(await sync()).toMatchObject({ ...QUIET, sent: 0 });
    expect(mlflow.runs.get('r1')!.info.status).toBe('RUNNING');
    await run.add({ parameters: { rows: '9' }, metrics: [aMetric('rocAuc', 1)] });
    await run.finish({ status: 'failed', problem: 'no data' });
    expect(await sync()).toMatchObject({ ...QUIET, sent: 1 });
    expect(mlflow.runs.get('r1')).toMatchObject({ info: { status: 'FAILED' } });
    expect(mlflow.runs.get('r1')!.params.get('rows')).toBe('9');
  });

  it('wait when the server is down, and all go to a server that is new', async () => {
    const { mlflow, sync, train } = aSetting();
    mlflow.intercept = () => Promise.reject(new TypeError('fetch failed'));
    await train(V1);
    await train(V2);
    expect(await sync()).toMatchObject({ sent: 0, waiting: 2, problems: [expect.stringContaining('MLflow at http://mlflow')] }); // prettier-ignore
    mlflow.intercept = () => undefined;
    expect(await sync()).toMatchObject({ ...QUIET, sent: 2 });
    expect(await sync('http://other')).toMatchObject({ ...QUIET, sent: 2 });
  });

  it('go again to a server that lost them, and the model in production here stays there', async () => {
    const { mlflow, registry, sync, train } = aSetting();
    await train(V1);
    await sync();
    await train(V2);
    await registry.setStage(V2, 'production');
    await sync();
    mlflow.runs.delete('r2'); // as a backup from between both has it
    mlflow.versions.pop();
    mlflow.aliases.clear();
    expect(await sync()).toMatchObject({ ...QUIET, sent: 1, taken: [] });
    expect(await registry.production()).toBe(V2);
    expect(mlflow.versions.map(({ current_stage: stage }) => stage)).toEqual(['None', 'Production']);
    mlflow.empty();
    expect(await sync()).toMatchObject({ ...QUIET, sent: 2, taken: [] });
    expect(await registry.production()).toBe(V2);
    expect(mlflow.aliases.get('champion')).toBe('2');
    expect(await sync()).toMatchObject({ ...QUIET, sent: 0, given: 0 });
  });

  it('arrive the same wherever the line breaks, before the call or after it', async () => {
    const whole = aSetting();
    await whole.train(V1);
    await whole.sync();
    const shown = ({ mlflow }: ReturnType<typeof aSetting>) => ({
      runs: [...mlflow.runs.values()].map(({ info, params, metrics }) => [info.status, [...params], [...metrics]]),
      files: [...mlflow.files.keys()],
      versions: mlflow.versions.map(({ version, source }) => [version, source]),
    });
    const calls = whole.mlflow.calls.length;
    expect(calls).toBeGreaterThan(10);
    for (let broken = 1; broken <= calls; broken++) {
      for (const isAfter of [false, true]) {
        const setting = aSetting();
        await setting.train(V1);
        const breaks = (): boolean => setting.mlflow.calls.length === broken;
        if (isAfter) setting.mlflow.loseAnswer = breaks;
        else setting.mlflow.intercept = () => (breaks() ? Promise.reject(new TypeError('fetch failed')) : undefined);
        expect((await setting.sync()).problems).toHaveLength(1);
        expect(await setting.sync()).toMatchObject(QUIET);
        expect(shown(setting)).toEqual(shown(whole));
      }
    }
  });

  it('that the server refuses do not stop the others', async () => {
    const { mlflow, sync, train } = aSetting();
    await train(V1);
    await train(V2);
    mlflow.intercept = (call) => (call.includes('artifacts/1/r1/') ? new Response('', { status: 413 }) : undefined);
    expect(await sync()).toMatchObject({ sent: 1, waiting: 1, problems: [expect.stringContaining('413')] });
    mlflow.intercept = () => undefined;
    expect(await sync()).toMatchObject({ ...QUIET, sent: 1 });
    expect(mlflow.runs.size).toBe(2);
  });
});

describe('stages', () => {
  const champions = ({ mlflow }: ReturnType<typeof aSetting>) => ({
    stages: mlflow.versions.map(({ current_stage: stage }) => stage),
    aliases: Object.fromEntries(mlflow.aliases),
  });
  async function twoModels() {
    const setting = aSetting();
    await setting.train(V1);
    await setting.train(V2);
    await setting.registry.setStage(V1, 'production');
    await setting.sync();
    return setting;
  }

  it('set here are seen there', async () => {
    const setting = await twoModels();
    expect(champions(setting)).toEqual({ stages: ['Production', 'None'], aliases: { champion: '1' } });
    await setting.registry.setStage(V2, 'staging');
    expect(await setting.sync()).toMatchObject({ ...QUIET, given: 2 });
    expect(champions(setting)).toEqual({ stages: ['Production', 'Staging'], aliases: { champion: '1', challenger: '2' } }); // prettier-ignore
  });

  it('moved there by stage or by alias hold here', async () => {
    const setting = await twoModels();
    setting.mlflow.aliases.set('champion', '2');
    expect((await setting.sync()).taken).toEqual([{ version: V1, stage: 'archived' }, { version: V2, stage: 'production' }]); // prettier-ignore
    expect(await setting.registry.production()).toBe(V2);
    expect(champions(setting)).toEqual({ stages: ['Archived', 'Production'], aliases: { champion: '2' } });
    setting.mlflow.versions[0]!.current_stage = 'Production';
    await setting.sync();
    expect(await setting.registry.production()).toBe(V1);
    expect(champions(setting)).toEqual({ stages: ['Production', 'Archived'], aliases: { champion: '1' } });
    expect(await setting.sync()).toMatchObject({ ...QUIET, taken: [], given: 0 });
  });

  it('of a model that could not serve are not taken, and set back there', async () => {
    const setting = await twoModels();
    setting.unservable.add(V2);
    setting.mlflow.aliases.set('champion', '2');
    const { problems } = await setting.sync();
    expect(problems).toEqual([expect.stringMatching(/v20260102_000000 .*undone: .*damaged/)]);
    expect(await setting.registry.production()).toBe(V1);
    expect(champions(setting).aliases).toEqual({ champion: '1' });
    expect((await setting.sync()).problems).toEqual([]);
  });

  it('of another registry that shows its models on the same server are told of, and left alone where none is here', async () => {
    const setting = await twoModels();
    const theirs = { version: '3', current_stage: 'Production', source: 's3://x', tags: [{ key: 'sentinel.version', value: 'v20260103_000000' }] }; // prettier-ignore
    setting.mlflow.versions.push(theirs);
    setting.mlflow.aliases.set('challenger', '3');
    expect((await setting.sync()).problems).toEqual([expect.stringContaining('version 3 on the server is challenger')]);
    expect(setting.mlflow.aliases.get('challenger')).toBe('3');
    setting.mlflow.aliases.set('champion', '3');
    expect((await setting.sync()).problems).toContainEqual(expect.stringContaining('version 3 on the server is champion')); // prettier-ignore
    expect(await setting.registry.production()).toBe(V1);
    expect(setting.mlflow.aliases.get('champion')).toBe('1');
    expect(theirs.current_stage).toBe('Production');
  });

  it('cannot be seen there of a model in production that was deleted there, and that is told', async () => {
    const setting = await twoModels();
    setting.mlflow.versions.shift();
    setting.mlflow.aliases.clear();
    const { problems, taken } = await setting.sync();
    expect({ problems, taken }).toEqual({ problems: [expect.stringContaining(`${V1}, in production here, is not among`)], taken: [] }); // prettier-ignore
    expect(await setting.registry.production()).toBe(V1);
  });

  it('of models that others registered are left alone and told of', async () => {
    const setting = await twoModels();
    setting.mlflow.versions.push({ version: '3', current_stage: 'Staging', source: 's3://x', tags: [] });
    setting.mlflow.aliases.set('challenger', '3');
    expect((await setting.sync()).problems).toEqual([expect.stringContaining('version 3 on the server is challenger')]);
    expect(setting.mlflow.versions[2]!.current_stage).toBe('Staging');
    expect(setting.mlflow.aliases.get('challenger')).toBe('3');
  });
});
