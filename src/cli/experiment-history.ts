/** The history an experiment is simulated on: a file of payments, or the journal of this data directory. */
import { join } from 'node:path';
import { fingerprint } from '../adapters/duckdb/whole-file.ts';
import { readChainKey } from '../adapters/segments/chain-key.ts';
import { type JournalProblem, scanJournal } from '../adapters/segments/verify.ts';
import { getMapping } from '../datasets/mappings.ts';
import { replayOrderOfBatches } from '../datasets/replay-order.ts';
import { SentinelError } from '../domain/errors.ts';
import { type Arm } from '../experiments/assignment.ts';
import { type ModelCard } from '../training/model-card/card.ts';
import { type Arms, createJournalHistory, type ExperimentHistory, historyOfDataset } from '../usecases/simulate-experiment.ts'; // prettier-ignore
import { type CommandInput } from './command.ts';
import { DATA } from './data-directory.ts';
import { cleaningNotice, unlabelledNotice } from './render-cleaning.ts';
import { openData } from './training-data.ts';

export interface Measured extends ExperimentHistory {
  /** The first moment measured; −Infinity for all. */
  readonly fromMs: number;
}

interface Asked {
  readonly arms: Arms;
  readonly cards: readonly ModelCard[];
  readonly armOf: (userId: string) => Arm;
  /** Absent when the command line does not say. */
  readonly fromMs?: number;
}

/**
 * Payments of a file; where a model learned from this very file, those of its test period on, unless told otherwise.
 */
export async function historyInFile(
  input: CommandInput,
  file: string,
  { arms, cards, armOf, ...asked }: Asked,
): Promise<Measured> {
  const mapping = getMapping(input.given.text('mapping'));
  const { rates } = arms.champion.policy;
  const opened = await openData(mapping, [file], rates);
  try {
    const { sha256 } = await fingerprint(file);
    const testsMs = cards.filter(({ data }) => data.sha256 === sha256).map(({ periods }) => periods.at(-1)!.fromMs);
    const fromMs = asked.fromMs ?? Math.max(-Infinity, ...testsMs);
    const bar = input.progress('experiment', opened.rows);
    const history = await historyOfDataset(replayOrderOfBatches(opened.read(), mapping.labelDelayMs), arms, {
      armOf,
      fromMs,
      rates,
      onPayments: (payments) => {
        input.signal.throwIfAborted();
        bar.update(payments);
      },
    });
    bar.finish();
    const cleaning = opened.report();
    [...cleaningNotice(cleaning), ...unlabelledNotice(cleaning)].forEach(input.say);
    return { ...history, fromMs };
  } finally {
    opened.close();
  }
}

/** Payments the service has decided; takes no lock, so it may be running. JOURNAL_CORRUPT for a damaged journal. */
export async function historyInJournal(
  input: CommandInput,
  { arms, armOf, fromMs = -Infinity }: Asked,
): Promise<Measured> {
  const directory = join(input.config().dataDir, DATA.journal);
  const key = await readChainKey(join(directory, 'chain.key'));
  if (key === undefined) {
    throw new SentinelError('USAGE', { problem: `${directory} holds no journal; name a file with --data` });
  }
  const history = createJournalHistory(arms, { armOf, fromMs });
  const bar = input.progress('experiment', undefined, 'records');
  const problems: JournalProblem[] = [];
  let records = 0;
  const scan = await scanJournal({
    directory,
    key,
    onRecord: (record) => {
      history.take(record);
      records++;
    },
    onSegment: async () => {
      input.signal.throwIfAborted();
      bar.update(records);
      await Promise.resolve();
    },
    onProblem: (problem) => void (problem.tornTail || problems.push(problem)),
  });
  bar.finish();
  const [first] = problems;
  if (first !== undefined) throw new SentinelError('JOURNAL_CORRUPT', { place: `${first.file}, byte ${first.offset}`, problem: first.problem }); // prettier-ignore
  if (scan.firstSeq > 1) {
    throw new SentinelError('USAGE', { problem: `the journal begins with record ${scan.firstSeq}: what came before is needed as history` }); // prettier-ignore
  }
  return { ...history.finish(), fromMs };
}
