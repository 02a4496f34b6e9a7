/** The version a model is registered under, also where others register at the same time. */
import { describe, expect, it } from 'vitest';
import { createMemoryModelRegistry } from '../../src/adapters/memory/model-registry.ts';
import { registerModel } from '../../src/usecases/register-model.ts';
import { STILL_CLOCK } from '../contracts/model-registry.ts';

const MOMENT = Date.UTC(2026, 0, 1, 23, 59, 59, 500);
const described = (version: string) => ({ files: new Map([['a', new TextEncoder().encode(version)]]), metrics: {}, version }); // prettier-ignore

describe('registerModel', () => {
  it('takes the version of the second, or of the next one that is free', async () => {
    const registry = createMemoryModelRegistry(STILL_CLOCK);
    const versions: string[] = [];
    for (let i = 0; i < 3; i++) versions.push((await registerModel(registry, MOMENT, described)).version);
    expect(versions).toEqual(['v20260101_235959', 'v20260102_000000', 'v20260102_000001']);
  });

  it('loses no model when another process takes the version while this one is described', async () => {
    const registry = createMemoryModelRegistry(STILL_CLOCK);
    let rival: Promise<void> | undefined;
    const { version } = await registerModel(registry, MOMENT, (wanted) => {
      rival ??= registry.save(wanted, new Map(), {});
      return described(wanted);
    });
    await rival;
    expect(version).toBe('v20260102_000000');
    expect([...(await registry.load(version)).values()]).toEqual([new TextEncoder().encode(version)]);
    expect(await registry.list()).toHaveLength(2);
  });

  it('gives up at once on what the registry cannot keep', async () => {
    const registry = createMemoryModelRegistry(STILL_CLOCK);
    const full = { ...registry, save: () => Promise.reject(new Error('no space left')) };
    await expect(registerModel(full, MOMENT, described)).rejects.toThrow('no space left');
  });
});
