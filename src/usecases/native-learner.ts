/** A native library as a learner like any other: it trains outside, and its model is read back and served here. */
import { SentinelError } from '../domain/errors.ts';
import { type ImportedModel } from '../formats/imported-model.ts';
import { readForeignModel } from '../formats/read-model.ts';
import { createEncodedLearner, createEncodedModel } from '../learners/encoded-model.ts';
import { encoderFromSteps } from '../learners/encoder.ts';
import { type Learner } from '../learners/protocol.ts';
import { type NativeEngine } from '../ports/native-engine.ts';

function readModel({ name, format }: NativeEngine, bytes: Uint8Array): ImportedModel {
  try {
    return readForeignModel(format, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SentinelError('ENGINE_FAILED', { engine: name, problem: `its model cannot be read: ${reason}` }, error);
  }
}

/** Categories reach the library as ranks by frequency, as our own trees get them. */
export function createNativeLearner(engine: NativeEngine): Learner {
  return createEncodedLearner({
    name: `${engine.name}-native`,
    fit(training, options) {
      const { features, model, referredTo } = readModel(engine, engine.train(training, options));
      const sources = features.map(({ name }) => Number(name.slice(1)));
      const encoder = encoderFromSteps(
        training.values.length,
        sources.map((source) => ({ source, encoding: 'copy' })),
      );
      const explained = referredTo?.(encoder.encodeColumns(training)) ?? model;
      const asGiven = sources.length === training.values.length && sources.every((source, i) => source === i);
      return asGiven ? explained : createEncodedModel(encoder, explained);
    },
  });
}
