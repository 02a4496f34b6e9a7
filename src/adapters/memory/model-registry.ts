/** The model registry in memory: for tests and for trying things out. */
import { SentinelError } from '../../domain/errors.ts';
import { type Clock } from '../../ports/clock.ts';
import { type ModelEntry, type ModelRegistry, type ModelStage } from '../../ports/model-registry.ts';

interface StoredModel {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly entry: ModelEntry;
}

const copyOf = (files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> =>
  new Map([...files].map(([name, bytes]) => [name, bytes.slice()]));

export function createMemoryModelRegistry(clock: Clock): ModelRegistry {
  const models = new Map<string, StoredModel>();

  function get(version: string): StoredModel {
    const model = models.get(version);
    if (model === undefined) throw new SentinelError('NOT_FOUND', { what: 'Model version', id: version });
    return model;
  }

  function put(version: string, stage: ModelStage): void {
    const model = get(version);
    models.set(version, { ...model, entry: { ...model.entry, stage } });
  }

  return {
    async list() {
      const entries = [...models.values()].map(({ entry }) => entry);
      return entries.sort((a, b) => (a.version < b.version ? 1 : -1));
    },
    async production() {
      return [...models].find(([, { entry }]) => entry.stage === 'production')?.[0];
    },
    async load(version) {
      return copyOf(get(version).files);
    },
    async save(version, files, metrics) {
      if (models.has(version)) {
        throw new SentinelError('ARTIFACT_INVALID', { path: version, problem: 'this version exists already' });
      }
      models.set(version, {
        files: copyOf(files),
        entry: { version, stage: 'none', createdMs: clock.nowMs(), metrics: { ...metrics } },
      });
    },
    async setStage(version, stage) {
      get(version);
      if (stage === 'production') {
        for (const [other, { entry }] of models) if (entry.stage === 'production') put(other, 'archived');
      }
      put(version, stage);
    },
  };
}
