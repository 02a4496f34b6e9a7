/** sentinel bench faults: everything broken under load on servers of its own, and what is left counted. */
import { chmod } from 'node:fs/promises';
import { benchFaults, type FaultsReport } from '../../../bench/faults.ts';
import { type FaultKind } from '../../../bench/faults/fault.ts';
import { FAULT_KINDS } from '../../../bench/faults/fault-kinds.ts';
import { createFileModelRegistry } from '../../adapters/registry-files/model-registry.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { hashText, productionArtifact } from '../../compose/inputs.ts';
import { catalogueFor } from '../../features/catalogue.ts';
import { championOf, policyOf } from '../../usecases/load-champion.ts';
import { type Command } from '../command.ts';
import { makeServingModel } from '../make-serving-model.ts';
import { renderFaultsReport } from '../render-faults-report.ts';
import { withScratch } from '../scratch.ts';

export interface FaultsBenched extends FaultsReport {
  /** Where the words of all processes are, when something was wrong. */
  readonly directory?: string;
}

/** PostgreSQL runs as a user of its own where this runs as root, and must be able to enter. */
const EVERYBODY_MAY_ENTER = 0o711;

const optionOf = ({ name }: FaultKind): string => name.replaceAll(' ', '-');

const isWrong = ({ lost, duplicated, differing, unrest }: FaultsReport): boolean =>
  lost + duplicated + differing + unrest.length > 0;

export const command: Command<FaultsBenched> = {
  options: [
    ...FAULT_KINDS.map((kind) => ({
      name: optionOf(kind),
      type: 'whole number' as const,
      value: 'N',
      default: kind.usual,
      minimum: 0,
      sentence: kind.sentence,
    })),
    { name: 'rate', type: 'number', value: 'N', default: 40, minimum: 1, sentence: 'Payments a second, half by HTTP and half by the topic.' },
    { name: 'seed', type: 'whole number', value: 'N', default: 1, minimum: 0, sentence: 'Of payments, faults and moments.' },
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs'],
  example: 'sentinel bench faults --json',
  async run(input) {
    const { given, say, signal } = input;
    return await withScratch('faults', async (directory, keep) => {
      await chmod(directory, EVERYBODY_MAY_ENTER);
      const keepWords = (): void => {
        keep();
        say(`the words of all processes are in ${directory}`);
      };
      try {
        const modelsDir = await makeServingModel(input, { ...input.config(), dataDir: directory });
        const artifact = await productionArtifact(createFileModelRegistry(modelsDir, systemClock));
        const settings = artifact.featureSettings;
        const report = await benchFaults({
          directory,
          modelsDir,
          settings,
          champion: championOf(artifact, policyOf(artifact, hashText), catalogueFor(settings)),
          seed: given.number('seed'),
          perSecond: given.number('rate'),
          counts: new Map(FAULT_KINDS.map((kind) => [kind.name, given.number(optionOf(kind))])),
          say,
          signal,
        });
        if (!isWrong(report)) return report;
        keepWords();
        return { ...report, directory };
      } catch (error) {
        if (!signal.aborted) keepWords();
        throw error;
      }
    });
  },
  hasFailed: isWrong,
  render: renderFaultsReport,
};
