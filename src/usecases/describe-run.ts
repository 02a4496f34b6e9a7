/** What a training run has to tell: what was asked, and what came of it. */
import { dvcPointer } from '../datasets/dvc-files.ts';
import { type RunInput, type RunMetric, type RunPart } from '../ports/tracking.ts';
import { type ModelCard } from '../training/model-card/card.ts';

const baseName = (path: string): string => path.split('/').at(-1)!;

/** Plain letters, digits and little else, so that every file system and server takes it. */
const usableName = (name: string): string =>
  name.replaceAll(/[^\w .-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'input';

/** The files learned from, each with the pointer by which DVC finds these very bytes again. */
export function inputsPart(inputs: readonly RunInput[]): RunPart {
  const text = new TextEncoder();
  const artifacts = new Map(
    inputs.map((input) => [
      `inputs/${usableName(baseName(input.path))}.dvc`,
      text.encode(dvcPointer({ ...input, path: baseName(input.path) })),
    ]),
  );
  return { inputs, artifacts };
}

/**
 * Metrics by period, a step each from training to test, so that the last value is that of the test; what candidates
 * reached and cost; what was chosen.
 */
export function resultPart(card: ModelCard, timeMs: number): RunPart {
  const point = (name: string, value: number, step = 0): RunMetric => ({ name, value, step, timeMs });
  const periods = card.periods.flatMap(({ evaluation }, step) =>
    Object.entries(evaluation.metrics).map(([name, { value }]) => point(name, value, step)),
  );
  const candidates = card.candidates.flatMap(({ name, averagePrecision, rocAuc, costUs }) => [
    point(`candidate/${name}/averagePrecision`, averagePrecision),
    point(`candidate/${name}/rocAuc`, rocAuc),
    point(`candidate/${name}/costUs`, costUs),
  ]);
  const chosen = card.candidates.find((candidate) => candidate.chosen);
  return {
    parameters: {
      'model.type': chosen?.name ?? 'unknown',
      'model.calibration': card.calibration.method,
      'model.review': String(card.thresholds.review),
      'model.block': String(card.thresholds.block),
      'model.catalogue': card.catalogue.hash,
      'data.rows': String(card.data.rows),
      'data.from': new Date(card.data.fromMs).toISOString(),
      'data.to': new Date(card.data.toMs).toISOString(),
    },
    metrics: [...periods, ...candidates],
    importance: card.importance,
  };
}
