/** Registers a model under the version of its second, or of the next one that is free. */
import { SentinelError } from '../domain/errors.ts';
import { type ModelRegistry } from '../ports/model-registry.ts';
import { versionAt } from '../scoring/artifact.ts';

interface Described {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Saves what `describe` makes for the version found, anew when another process takes that version meanwhile. */
export async function registerModel<T extends Described>(
  registry: ModelRegistry,
  createdMs: number,
  describe: (version: string) => T,
): Promise<T> {
  for (let moment = createdMs; ; moment += 1_000) {
    const version = versionAt(moment);
    if (await isTaken(registry, version)) continue;
    const described = describe(version);
    try {
      await registry.save(version, described.files, described.metrics);
      return described;
    } catch (error) {
      const isRefused = error instanceof SentinelError && error.code === 'ARTIFACT_INVALID';
      if (!isRefused || !(await isTaken(registry, version))) throw error;
    }
  }
}

async function isTaken(registry: ModelRegistry, version: string): Promise<boolean> {
  return (await registry.list()).some((entry) => entry.version === version);
}
