/** MLflow over REST: the contract against values in memory, and what it makes of a server in trouble. */
import { describe, expect, it } from 'vitest';
import { type MlflowServerOptions, createMlflowServer } from '../../../src/adapters/mlflow/tracking-server.ts';
import { describeTrackingServer } from '../../contracts/tracking-server.ts';
import { createMlflowInMemory, type MlflowInMemory } from '../../support/mlflow-in-memory.ts';
import { aMetric, aRun } from '../../support/runs.ts';

const URI = 'http://mlflow.example/prefix';

const serverOf = (mlflow: MlflowInMemory, options: Partial<MlflowServerOptions> = {}) =>
  createMlflowServer({
    uri: URI,
    timeoutMs: 1_000,
    experiment: 'fraud_detection',
    registeredModel: 'fraud_detector',
    fetch: mlflow.fetch,
    ...options,
  });

describeTrackingServer('MLflow in memory', async () => serverOf(createMlflowInMemory()));

describe('a run in MLflow', () => {
  it('carries what its pages show: source, commit, user, times, end', async () => {
    const mlflow = createMlflowInMemory();
    const server = serverOf(mlflow);
    const run = await server.openRun(aRun());
    await server.addToRun(run, { metrics: [aMetric('rocAuc', 0.9, 4)] });
    await server.endRun(run, { status: 'finished', model: 'v20260101_000000', endedMs: 1_767_225_700_000 });
    const { info, tags, metrics } = mlflow.runs.get(run.id)!;
    expect(info).toMatchObject({ status: 'FINISHED', start_time: 1_767_225_600_000, end_time: 1_767_225_700_000 });
    expect(Object.fromEntries(tags)).toMatchObject({
      'mlflow.runName': 'train 2026-01-01 00:00:00',
      'mlflow.source.name': 'sentinel train',
      'mlflow.source.git.commit': '0123456789abcdef0123456789abcdef01234567',
      'mlflow.user': 'ada',
      'sentinel.version': 'v20260101_000000',
    });
    expect(Object.fromEntries(metrics)).toEqual({ 'rocAuc@4': 0.9 });
  });

  it('is found again when the answer to its making was lost', async () => {
    const mlflow = createMlflowInMemory();
    mlflow.loseAnswer = (call) => call.endsWith('runs/create');
    await expect(serverOf(mlflow).openRun(aRun())).rejects.toMatchObject({ code: 'TRACKING_UNAVAILABLE' });
    mlflow.loseAnswer = () => false;
    await serverOf(mlflow).openRun(aRun());
    expect(mlflow.runs.size).toBe(1);
  });
});

describe('a server in trouble', () => {
  const never = (signal?: AbortSignal | null): Promise<never> =>
    new Promise((_, reject) => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });

  it.each([
    ['500', () => new Response('<html>', { status: 500 }), /answered 500/],
    ['503', () => Response.json({ message: 'starting\nstack' }, { status: 503 }), /answered 503 to .*: starting$/],
    ['401', () => new Response('', { status: 401 }), /answered 401/],
    ['a broken line', () => Promise.reject(new TypeError('fetch failed', { cause: new Error('socket hang up') })), /socket hang up/], // prettier-ignore
  ])('is unavailable when it answers %s', async (_, answer, message) => {
    const mlflow = createMlflowInMemory();
    mlflow.intercept = answer as MlflowInMemory['intercept'];
    const attempt = serverOf(mlflow).models();
    await expect(attempt).rejects.toMatchObject({ code: 'TRACKING_UNAVAILABLE' });
    await expect(attempt).rejects.toThrow(message);
  });

  it('is unavailable when it does not answer in time, or when the time for all calls is up', async () => {
    const silent: typeof fetch = (_, init) => never(init?.signal);
    await expect(serverOf(createMlflowInMemory(), { fetch: silent, timeoutMs: 20 }).models()).rejects.toThrow(/no answer within 20 ms/); // prettier-ignore
    const signal = AbortSignal.abort();
    const slow = serverOf(createMlflowInMemory(), { fetch: silent, signal });
    await expect(slow.models()).rejects.toThrow(/gave up waiting/);
  });

  it('that is none of MLflow’s is told so', async () => {
    const mlflow = createMlflowInMemory();
    mlflow.intercept = () => new Response('<html>Welcome</html>');
    await expect(serverOf(mlflow).models()).rejects.toThrow(/is this MLflow\?/);
  });

  it('that keeps files where only its own clients reach them is told so', async () => {
    const run = { id: 'r1', artifactRoot: 's3://bucket/1/r1/artifacts' };
    const attempt = serverOf(createMlflowInMemory()).putArtifact(run, 'a', Uint8Array.of(1));
    await expect(attempt).rejects.toThrow(/--serve-artifacts/);
  });

  it.each([
    [{ token: 't' }, 'Bearer t'],
    [{ user: 'ada', password: 'pä' }, `Basic ${Buffer.from('ada:pä').toString('base64')}`],
    [{}, null],
  ])('is shown the credentials %j', async (credentials, expected) => {
    const mlflow = createMlflowInMemory();
    let shown: string | null = '';
    const spying: typeof fetch = (address, init) => {
      shown = new Headers(init?.headers).get('authorization');
      return mlflow.fetch(address, init);
    };
    await serverOf(mlflow, { ...credentials, fetch: spying }).models();
    expect(shown).toBe(expected);
  });
});
