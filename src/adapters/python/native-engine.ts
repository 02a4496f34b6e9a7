/** Trains in an engine's own Python: columns go there as files, the model comes back as one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SentinelError } from '../../domain/errors.ts';
import { type Format } from '../../formats/read-model.ts';
import { type TrainingSet } from '../../learners/protocol.ts';
import { type NativeEngine } from '../../ports/native-engine.ts';
import { complaintOf, type EngineName, findEngine, pythonOf } from './engines.ts';

/** The format each engine's bridge writes. */
const FORMAT: Readonly<Record<EngineName, Format>> = {
  xgboost: 'xgboost',
  lightgbm: 'lightgbm',
  catboost: 'catboost',
  sklearn: 'onnx',
};

/** The script, found from the sources and from the build, which lies one folder deeper. */
function bridgePath(): string {
  const places = ['../../../engines/bridge.py', '../../../../engines/bridge.py'];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))!;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function writePart(directory: string, name: string, { values, labels, weights }: TrainingSet): void {
  writeFileSync(join(directory, `${name}.values`), '');
  for (const column of values) writeFileSync(join(directory, `${name}.values`), bytesOf(column), { flag: 'a' });
  writeFileSync(join(directory, `${name}.labels`), labels);
  if (weights !== undefined) writeFileSync(join(directory, `${name}.weights`), bytesOf(weights));
}

/** An installed engine; ENGINE_FAILED, with the command that helps, when it is not installed or its Python is gone. */
export function createNativeEngine(root: string, name: EngineName): NativeEngine {
  if (findEngine(root, name).versions === undefined) {
    throw new SentinelError('ENGINE_FAILED', {
      engine: name,
      problem: `it is not installed; \`sentinel engines add ${name}\` does that`,
    });
  }
  // A virtual environment leads to the Python it was made with, which an upgrade of the machine may take away.
  if (!existsSync(pythonOf(root, name))) {
    throw new SentinelError('ENGINE_FAILED', {
      engine: name,
      problem: `its Python, ${pythonOf(root, name)}, is gone; \`sentinel engines add ${name}\` makes it anew`,
    });
  }
  return {
    name,
    format: FORMAT[name],
    train(training, { seed, validation }) {
      const directory = mkdtempSync(join(tmpdir(), `sentinel-${name}-`));
      try {
        const rows = { training: training.rows, ...(validation && { validation: validation.rows }) };
        const job = { seed, threads: availableParallelism(), columns: training.values.length, rows };
        writeFileSync(join(directory, 'job.json'), JSON.stringify(job));
        writePart(directory, 'training', training);
        if (validation !== undefined) writePart(directory, 'validation', validation);
        execFileSync(pythonOf(root, name), [bridgePath(), name, directory], {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: { OMP_WAIT_POLICY: 'PASSIVE', ...process.env }, // threads that spin while they wait stall a busy machine
        });
        const model = join(directory, 'model');
        if (!existsSync(model)) throw new Error('its Python ended without leaving a model');
        return readFileSync(model);
      } catch (error) {
        throw new SentinelError('ENGINE_FAILED', { engine: name, problem: complaintOf(error) }, error);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}
