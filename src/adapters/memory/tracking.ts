/** Runs and what was sent of them, in memory: for tests and for trying things out. */
import { SentinelError } from '../../domain/errors.ts';
import { type Clock } from '../../ports/clock.ts';
import { type Run, type RunFacts, type Tracking } from '../../ports/tracking.ts';
import { type ServerState, type ServerStates } from '../../ports/tracking-server.ts';

export function createMemoryTracking(clock: Clock): Tracking {
  const runs = new Map<string, Run>();
  const files = new Map<string, Uint8Array>();

  function get(id: string): Run {
    const found = [...runs.values()].filter((run) => run.id.startsWith(id));
    if (found.length !== 1) throw new SentinelError('NOT_FOUND', { what: 'Run', id });
    return found[0]!;
  }

  return {
    async start(facts: RunFacts) {
      const id = (runs.size + 1).toString(16).padEnd(32, '0');
      const nothing = { metrics: [], inputs: [], artifacts: [], importance: [] };
      runs.set(id, { id, ...facts, status: 'running', startedMs: clock.nowMs(), ...nothing });
      return {
        id,
        async add(part) {
          const run = get(id);
          const artifacts = [...(part.artifacts ?? [])].map(([path, bytes]) => {
            files.set(`${id}/${path}`, bytes.slice());
            return { path, bytes: bytes.length, sha256: '' };
          });
          runs.set(id, {
            ...run,
            parameters: { ...run.parameters, ...part.parameters },
            metrics: [...run.metrics, ...(part.metrics ?? []).filter(({ value }) => Number.isFinite(value))],
            inputs: [...run.inputs, ...(part.inputs ?? [])],
            artifacts: [...run.artifacts, ...artifacts],
            importance: [...run.importance, ...(part.importance ?? [])],
          });
        },
        async finish(end) {
          runs.set(id, { ...get(id), ...end, endedMs: clock.nowMs() });
        },
      };
    },
    async list() {
      return [...runs.values()].reverse();
    },
    async get(id) {
      return get(id);
    },
    async readArtifact(id, path) {
      const bytes = files.get(`${get(id).id}/${path}`);
      if (bytes === undefined) throw new SentinelError('NOT_FOUND', { what: `Artifact of run ${id}`, id: path });
      return bytes.slice();
    },
  };
}

export function createMemoryServerStates(): ServerStates {
  const states = new Map<string, ServerState>();
  let isTaken = false;
  return {
    async read(uri) {
      return states.get(uri) ?? { runs: {} };
    },
    async write(uri, state) {
      states.set(uri, state);
    },
    async alone(work) {
      if (isTaken) return undefined;
      isTaken = true;
      try {
        return await work();
      } finally {
        isTaken = false;
      }
    },
  };
}
