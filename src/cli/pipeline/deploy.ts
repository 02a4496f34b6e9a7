/** The phase deploy: the trained model goes into production, unless the one there is better. */
import { getMapping } from '../../datasets/mappings.ts';
import { METRICS, type MetricName } from '../../training/metric-table.ts';
import { firstRowFrom } from '../../training/split.ts';
import { takeDatasetRows } from '../../usecases/build-training-table.ts';
import { evaluateModel } from '../../usecases/evaluate-model.ts';
import { type CommandInput } from '../command.ts';
import { sayMisfit } from '../policy-fit.ts';
import { configuredCosts, ratesFor } from '../rates.ts';
import { getArtifact, getCard, openRegistry } from '../stored-models.ts';
import { syncInPassing } from '../tracking.ts';
import { type LoadedTable, loadTable } from '../training-data.ts';
import { type Phase } from './submission.ts';

/** Resolves to what was done and why. The payments compared on are those of the new model's test period. */
export async function deploy(input: CommandInput, phase: Phase, version: string): Promise<string> {
  const registry = openRegistry(input);
  const artifact = await getArtifact(registry, version); // refuses what could not serve
  // One that is registered: what was deleted serves nobody.
  const champion = (await registry.list()).find(({ stage }) => stage === 'production')?.version;
  if (champion === version) return `${version} is in production already`;
  const given = phase.given();
  let reason = 'as asked for';
  if (champion === undefined) reason = 'no other is';
  else if (given.text('when') === 'better') {
    const metric = given.text('metric') as MetricName; // one of the choices
    const { path, mapping } = artifact.provenance.data;
    const { fromMs } = (await getCard(registry, version)).periods.find((period) => period.name === 'test')!;
    const tables = new Map<string, LoadedTable>(); // by feature settings, mostly one
    const measure = async (each: string): Promise<number> => {
      const model = await getArtifact(registry, each);
      const key = JSON.stringify(model.featureSettings);
      const rates = ratesFor(model, input.config());
      const loaded =
        tables.get(key) ?? (await loadTable(input, getMapping(mapping), [path], model.featureSettings, { rates }));
      const { table } = loaded;
      tables.set(key, loaded);
      const from = firstRowFrom(table.timesMs, fromMs);
      const tested = takeDatasetRows(
        table,
        Uint32Array.from({ length: table.rows - from }, (_, row) => from + row),
      );
      const { evaluation } = evaluateModel(model, tested, {
        costs: configuredCosts(input.config()),
        replicates: 0,
        seed: 1,
      });
      return evaluation.metrics[metric].value;
    };
    const [now, then] = [await measure(version), await measure(champion)];
    reason = `${metric} ${now.toFixed(4)}, ${champion} ${then.toFixed(4)}`;
    const isWorse = METRICS[metric].better === 'higher' ? now < then : now > then;
    if (isWorse) return `${champion} stays in production: ${metric} ${then.toFixed(4)}, ${version} ${now.toFixed(4)}`;
  }
  await registry.setStage(version, 'production');
  await syncInPassing(input, input.config());
  sayMisfit(input, artifact);
  return `${version} is in production now: ${reason}`;
}
