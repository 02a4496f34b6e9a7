/** What is said of an engine whose Python fails in ways of its own; scripts stand in for it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEngine, pythonOf } from '../../../src/adapters/python/engines.ts';
import { createNativeEngine } from '../../../src/adapters/python/native-engine.ts';
import { type TrainingSet } from '../../../src/learners/protocol.ts';
import { createNativeLearner } from '../../../src/usecases/native-learner.ts';
import { aDirectory } from '../../support/directories.ts';

const SET: TrainingSet = {
  names: ['a'],
  rows: 2,
  values: [Float64Array.of(1, 2)],
  labels: Uint8Array.of(0, 1),
  kinds: ['numeric'],
};

/** Where an engine is installed whose Python is `script`. */
function rootWith(script: string, mode = 0o755): string {
  const root = aDirectory();
  const python = pythonOf(root, 'lightgbm');
  mkdirSync(dirname(python), { recursive: true });
  writeFileSync(join(root, 'lightgbm', 'ready.json'), '{"lightgbm":"4.6.0"}');
  writeFileSync(python, `#!/bin/sh\n${script}\n`, { mode });
  return root;
}

function fit(root: string): unknown {
  try {
    return createNativeLearner(createNativeEngine(root, 'lightgbm')).fit(SET, { seed: 1 });
  } catch (error) {
    return error;
  }
}

describe.skipIf(process.platform === 'win32')('a native engine', () => {
  it.each([
    ['leaves no model', 'exit 0', /ended without leaving a model$/],
    ['is killed', 'kill -9 $$', /was ended by SIGKILL, as a machine does whose memory is full/],
    ['ends with a code and says nothing', 'exit 7', /ended with code 7 and said nothing/],
    ['says what is wrong', 'echo no more threads >&2; exit 1', /: no more threads$/],
    ['leaves what is no model', 'echo hello > $3/model', /its model cannot be read: line 1: is "hello"/],
  ])('whose Python %s says so', (_, script, message) => {
    expect(fit(rootWith(script))).toMatchObject({ code: 'ENGINE_FAILED', message: expect.stringMatching(message) });
  });

  it('whose Python cannot be started says so, with the command that helps', () => {
    expect(fit(rootWith('exit 0', 0o644))).toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringMatching(/bin\/python cannot be started \(EACCES\)$/),
      remedy: expect.stringContaining('`sentinel engines add lightgbm` makes a broken one anew'),
    });
  });

  it('whose list of versions was cut counts as not installed', () => {
    const root = rootWith('exit 0');
    writeFileSync(join(root, 'lightgbm', 'ready.json'), '{"lightgbm":');
    expect(findEngine(root, 'lightgbm').versions).toBeUndefined();
    expect(fit(root)).toMatchObject({ message: expect.stringContaining('`sentinel engines add lightgbm` does that') });
  });
});
