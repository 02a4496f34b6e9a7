/** The thread of one graph: waits for a row, runs the graph on it, gives the score back. */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import { type GraphFile, type GraphInput } from '../../learners/foreign-graph.ts';
import { type SharedRow, sharedRow, STATE } from './shared-row.ts';

/** What is used of the library, which is not installed with this program. */
interface Runtime {
  readonly Tensor: new (type: string, data: Float32Array | Float64Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<Session>;
  };
}
interface Session {
  run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
}

export interface GraphOrder {
  readonly file: GraphFile;
  readonly memory: SharedArrayBuffer;
}

const { file, memory } = workerData as GraphOrder; // set by graph-runtime.ts
const shared = sharedRow(
  file.inputs.reduce((sum, { width }) => sum + width, 0),
  memory,
);

function answer(state: number): void {
  Atomics.store(shared.state, 0, state);
  Atomics.notify(shared.state, 0);
}

function failed(error: unknown): number {
  shared.writeReason(error instanceof Error ? error.message : String(error));
  return STATE.failed;
}

/** A tensor over an array that each row is copied into. */
function feedOf({ Tensor }: Runtime, { type, width }: GraphInput) {
  const values = type === 'float32' ? new Float32Array(width) : new Float64Array(width);
  return { values, tensor: new Tensor(type, values, [1, width]) };
}

async function serve({ row, score, state }: SharedRow): Promise<never> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node') as Runtime;
  // One thread and one order of sums, so that the same row has the same score.
  const session = await runtime.InferenceSession.create(file.bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 }); // prettier-ignore
  const feeds = file.inputs.map((input) => feedOf(runtime, input));
  const tensors = Object.fromEntries(file.inputs.map(({ name }, index) => [name, feeds[index]!.tensor]));
  const run = async (): Promise<number> => {
    let next = 0;
    for (const { values } of feeds) for (let i = 0; i < values.length; i++) values[i] = row[next++]!;
    const { data } = (await session.run(tensors, [file.output]))[file.output]!;
    if (data.length !== 1 && data.length !== 2) throw new Error(`${file.output} holds ${data.length} values for a row, not one or two`); // prettier-ignore
    score[0] = data[data.length - 1]!;
    return STATE.answered;
  };
  let outcome = await run(); // what cannot be run is to be known now
  for (;;) {
    answer(outcome);
    Atomics.wait(state, 0, outcome);
    outcome = await run().catch(failed);
  }
}

await serve(shared).catch((error: unknown) => answer(failed(error)));
