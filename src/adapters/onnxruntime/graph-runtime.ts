/** Runs graphs with ONNX Runtime where it is installed: on a thread of its own, the caller waiting for each score. */
import { createRequire } from 'node:module';
import { SentinelError } from '../../domain/errors.ts';
import { type GraphFile, type RunGraph } from '../../learners/foreign-graph.ts';
import { type GraphRuntime } from '../../ports/graph-runtime.ts';
import { startThread } from '../system/start-thread.ts';
import { type GraphOrder } from './graph-thread.ts';
import { type SharedRow, sharedRow, STATE } from './shared-row.ts';

/** Reading a large graph and laying it out takes a second or two. */
const OPEN_MS = 60_000;
/** A graph that takes longer is no model for payments; the policy's fallback answers then. */
const RUN_MS = 1_000;

const INSTALL = 'npm install --no-save --ignore-scripts onnxruntime-node';

function installedVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Its thread ends with the process. Each call costs the graph's own time and that of handing over. */
function open(file: GraphFile): RunGraph {
  if (installedVersion() === undefined) {
    throw graphFailed(`onnxruntime-node is not installed: ${INSTALL}`);
  }
  const features = file.inputs.reduce((sum, { width }) => sum + width, 0);
  const shared = sharedRow(features);
  startThread(new URL('./graph-thread', import.meta.url), { file, memory: shared.memory } satisfies GraphOrder).unref();
  if (!isAnswered(shared, OPEN_MS)) throw graphFailed(`it is not ready after ${OPEN_MS} ms`);
  if (Atomics.load(shared.state, 0) === STATE.failed) throw graphFailed(shared.readReason());
  let isLate = false;
  return (row, offset) => {
    // A late score must not be taken for that of the row after it.
    if (isLate) throw graphFailed('it once took too long, and is not asked again');
    for (let i = 0; i < features; i++) shared.row[i] = row[offset + i]!;
    Atomics.store(shared.state, 0, STATE.asked);
    Atomics.notify(shared.state, 0);
    isLate = !isAnswered(shared, RUN_MS);
    if (isLate) throw graphFailed(`it has no score after ${RUN_MS} ms`);
    if (Atomics.load(shared.state, 0) === STATE.failed) throw graphFailed(shared.readReason());
    const score = shared.score[0]!;
    if (Number.isFinite(score)) return score;
    const missing = row.subarray(offset, offset + features).findIndex(Number.isNaN);
    const reason = missing < 0 ? '' : `; its feature ${missing + 1} is missing there, and the graph puts nothing in its place`;
    throw graphFailed(`it gives ${score} for a payment${reason}`);
  }; // prettier-ignore
}

/** Waits until the thread has answered; false when it has not within `patienceMs`. */
const isAnswered = ({ state }: SharedRow, patienceMs: number): boolean =>
  Atomics.wait(state, 0, STATE.asked, patienceMs) !== 'timed-out';

const graphFailed = (problem: string): SentinelError => new SentinelError('GRAPH_FAILED', { problem });

export const onnxRuntime: GraphRuntime = { version: installedVersion, install: INSTALL, open };
