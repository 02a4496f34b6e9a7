/** Trains two learners and their stack on simulated payments, and says how well the champion does on days it never saw. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulation, simulationOf, TrainingPipeline } from 'sentinel-fraud';

const payments = createSimulation(simulationOf({ transactions: 3_000, users: 100, fraudShare: 0.12 }));
const pipeline = new TrainingPipeline({
  learners: ['logistic', 'symmetric'],
  validation: { method: 'temporal', folds: 2 },
  thresholdRule: { kind: 'cost-optimal', blockPrecision: 0.5 },
  replicates: 50,
});
const { card, artifact, files } = await pipeline.fit(payments);

const { metrics, payments: tested, frauds } = card.periods.at(-1)!.evaluation;
console.log(`${artifact.modelType}: review from ${artifact.thresholds.review.toFixed(3)}, block from ${artifact.thresholds.block.toFixed(3)}`); // prettier-ignore
for (const { name, folds, averagePrecision } of card.candidates) {
  const quality = (folds ?? []).map((fold) => fold.averagePrecision.toFixed(3)).join(' ');
  console.log(`${name}: average precision ${averagePrecision.toFixed(3)}${quality && `, by fold ${quality}`}`);
}
const { value, low, high } = metrics.averagePrecision;
console.log(`test: ${tested} payments, ${frauds} frauds, average precision ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`); // prettier-ignore

const page = join(tmpdir(), 'sentinel-example-card.html');
writeFileSync(page, files.get('model-card.html')!);
console.log(`model card: ${page}`);
