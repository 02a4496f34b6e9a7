/** Would a second learner have done better? Both score the same test days; users are split between them. */
import { ABTestSimulation, createSimulation, simulationOf, TrainingPipeline } from 'sentinel-fraud';

const history = [...createSimulation(simulationOf({ transactions: 3_000, users: 150, fraudShare: 0.12 }))];
const train = (learner: 'tree' | 'symmetric') =>
  new TrainingPipeline({ learners: [learner], replicates: 0 }).fit(history);
const [champion, challenger] = [await train('tree'), await train('symmetric')]; // prettier-ignore

const simulation = new ABTestSimulation({
  experiment: 'symmetric-trees',
  thresholds: { champion: champion.artifact.thresholds, challenger: challenger.artifact.thresholds },
  replicates: 200,
});
// Both were tested on the same payments, in the same order.
const { test } = champion;
const result = simulation.run(
  Array.from(test.labels, (label, row) => ({
    userId: String(test.customers[row]),
    isFraud: label === 1,
    amount: test.amounts[row]!,
    champion: test.probabilities[row]!,
    challenger: challenger.test.probabilities[row]!,
  })),
);

for (const [arm, { users, payments, frauds, recall, precision }] of Object.entries(result.arms)) {
  console.log(`${arm}: ${users} users, ${payments} payments, ${frauds} frauds, recall ${recall.toFixed(2)}, precision ${precision.toFixed(2)}`); // prettier-ignore
}
const { recall, savedPerPayment } = result.differences;
console.log(`recall: ${recall.difference.toFixed(3)}, p = ${recall.pValue.toFixed(3)} for one look, ${recall.alwaysValidPValue.toFixed(3)} for any number`); // prettier-ignore
console.log(`saved a payment: ${savedPerPayment.difference.toFixed(2)} [${savedPerPayment.low.toFixed(2)}, ${savedPerPayment.high.toFixed(2)}]; winner: ${result.winner}`); // prettier-ignore
