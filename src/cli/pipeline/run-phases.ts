/** The phases of a submission one after the other: stages that are up to date are skipped, the rest runs. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../adapters/system/durable-files.ts';
import { type LockedStage, type PlannedStage } from '../../datasets/dvc-files.ts';
import { SentinelError } from '../../domain/errors.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { type PreparedDataset } from '../../ports/transaction-source.ts';
import { type MetricName, METRICS } from '../../training/metric-table.ts';
import { type Command, type CommandInput } from '../command.ts';
import { described, type Described, traceOf } from '../failure.ts';
import { openRegistry } from '../stored-models.ts';
import { type TrainedFromFile } from '../train-from-file.ts';
import { deploy } from './deploy.ts';
import { withModelAlone } from './registry-of-one.ts';
import { isStage, type PhaseName, type StageName } from './phases.ts';
import { setUp } from './set-up.ts';
import { smoke } from './smoke.ts';
import { isUpToDate, lockedNow, readLock, writeLock, writePipeline } from './stage-files.ts';
import { type Phase, type Submission } from './submission.ts';

export interface PhaseReport {
  readonly phase: PhaseName;
  readonly outcome: 'done' | 'up to date' | 'failed';
  readonly seconds: number;
  /** What came of it, in a line or two. */
  readonly text: string;
  /** Why it could not be run to its end. */
  readonly error?: Described;
}

type TrainReport = Pick<TrainedFromFile, 'version' | 'card'>;

interface Measured {
  /** JSON has null for NaN. */
  readonly metrics: Readonly<Record<MetricName, { readonly value: number | null }>>;
}

export interface PhaseChoice {
  /** This phase alone, whatever its state: what dvc repro calls. */
  readonly only?: string;
  /** Run stages that are up to date, too. */
  readonly again: boolean;
}

/**
 * Stops after the first phase that fails or throws; one that was asked for alone throws itself. `say` hears of each phase.
 */
export async function runPhases(
  input: CommandInput,
  submission: Submission,
  { only, again }: PhaseChoice,
): Promise<readonly PhaseReport[]> {
  const wanted = submission.phases.filter(({ name }) => only === undefined || name === only);
  if (only !== undefined && wanted.length === 0) {
    throw new SentinelError('USAGE', { problem: `--phase: ${submission.file} has no phase ${only}` });
  }
  const stages = new Map<string, LockedStage>();
  const before = readLock();
  const { settingWords } = input;
  if (only === undefined) await writePipeline(await plannedStages(submission, settingWords));
  const reports: PhaseReport[] = [];
  for (const phase of wanted) {
    input.signal.throwIfAborted();
    const started = performance.now();
    const report = (ended: Pick<PhaseReport, 'outcome' | 'text' | 'error'>): void =>
      void reports.push({ phase: phase.name, seconds: (performance.now() - started) / 1_000, ...ended });
    try {
      const plan = isStage(phase.name) ? await planOf(submission, phase, settingWords) : undefined;
      const current = plan && only === undefined && !again ? await lockedNow(plan) : undefined;
      const isCurrent = isUpToDate(current, before.get(phase.name)) && (await isResultThere(input, submission, phase));
      input.say(`${phase.place}${isCurrent ? ': up to date' : ''}`);
      const { text, failed } = isCurrent ? { text: '', failed: false } : await runPhase(input, submission, phase);
      if (!failed && plan !== undefined && only === undefined) {
        const now = current !== undefined && isCurrent ? current : await lockedNow(plan);
        if (now !== undefined) stages.set(phase.name, now);
        await writeLock(stages, before);
      }
      report({ outcome: failed ? 'failed' : isCurrent ? 'up to date' : 'done', text });
      if (failed) break;
    } catch (error) {
      if (only !== undefined || input.signal.aborted) throw error; // nothing came before that would go untold
      report({ outcome: 'failed', ...toldOf(input, error) });
      break;
    }
  }
  return reports;
}

/** Of a phase that could not be run to its end. */
function toldOf(input: CommandInput, thrown: unknown): Required<Pick<PhaseReport, 'text' | 'error'>> {
  const error = described(thrown, 'sentinel pipeline run');
  if (['debug', 'trace'].includes(input.config().logLevel)) input.say(traceOf(thrown));
  return { text: `${error.message}\n→ ${error.remedy}`, error };
}

const reportPath = ({ reports }: Submission, phase: StageName): string => join(reports, `${phase}.json`);

async function readReport<T>(submission: Submission, phase: StageName): Promise<T> {
  const path = reportPath(submission, phase);
  if (!existsSync(path)) {
    throw new SentinelError('PIPELINE_INVALID', { file: path, problems: `is not there: run the phase ${phase} first` });
  }
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as T; // written by `runCommand`, below
  } catch (cause) {
    throw new SentinelError('PIPELINE_INVALID', { file: path, problems: `is damaged: run the phase ${phase} again` }, cause); // prettier-ignore
  }
}

/** Where the payments are that models are trained and measured on. */
async function dataOf(submission: Submission): Promise<Readonly<Record<string, string>>> {
  const find = (wanted: PhaseName): Phase | undefined => submission.phases.find(({ name }) => name === wanted);
  const [generate, prepare] = [find('generate'), find('prepare')];
  if (generate !== undefined) return { data: generate.given().text('out') };
  if (prepare === undefined) return {}; // train.data is required then
  const { directory, manifest } = await readReport<PreparedDataset>(submission, 'prepare');
  return { data: join(directory, manifest.files[0]!.name), mapping: prepare.given().text('name') };
}

/** As a shell reads it back. */
const quoted = (word: string): string => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The options that name a file a stage makes, besides its report. */
const OUTPUT_OPTIONS: Readonly<Partial<Record<StageName, string>>> = { generate: 'out', evaluate: 'predictions' };

async function planOf(submission: Submission, phase: Phase, settingWords: readonly string[]): Promise<PlannedStage> {
  const { file, phases } = submission;
  const program = existsSync('sentinel') ? './sentinel' : 'sentinel';
  const prepares = phases.some(({ name }) => name === 'prepare');
  const own = phase.settings['data'];
  const train = phases.find(({ name }) => name === 'train');
  const generate = phases.find(({ name }) => name === 'generate');
  const data = own ?? (prepares ? reportPath(submission, 'prepare') : (generate?.given().text('out') ?? train?.settings['data'])); // prettier-ignore
  const fileNamedBy = (option: string): readonly string[] => {
    const path = phase.given().optionalText(option);
    return path === undefined ? [] : [path];
  };
  const deps: Readonly<Record<StageName, () => readonly string[]>> = {
    generate: () => [],
    prepare: () => phase.given().texts('files'),
    train: () => [String(data), ...fileNamedBy('tuned')],
    evaluate: () => [String(data), reportPath(submission, 'train')],
  };
  const name = phase.name as StageName; // asked for stages only
  const report = reportPath(submission, name);
  const output = OUTPUT_OPTIONS[name];
  return {
    cmd: [program, 'pipeline', 'run', ...[file, ...settingWords].map(quoted), '--phase', name].join(' '),
    deps: deps[name](),
    params: { file, values: { [phase.place]: phase.settings } },
    outs: [...(output === undefined ? [] : fileNamedBy(output)), report],
    metrics: name === 'evaluate' ? [report] : [],
  };
}

/** The stages of DVC in the submission, by name; `settingWords` as the command was given them. */
export async function plannedStages(
  submission: Submission,
  settingWords: readonly string[] = [],
): Promise<ReadonlyMap<string, PlannedStage>> {
  const stages = submission.phases.filter(({ name }) => isStage(name));
  return new Map(
    await Promise.all(stages.map(async (each) => [each.name, await planOf(submission, each, settingWords)] as const)),
  );
}

/** Data or a model that is gone must be made again, whatever the reports say. */
async function isResultThere(input: CommandInput, submission: Submission, { name }: Phase): Promise<boolean> {
  if (name === 'prepare') {
    const { directory, manifest } = await readReport<PreparedDataset>(submission, 'prepare');
    const sizeOf = (file: string) => statSync(join(directory, file), { throwIfNoEntry: false })?.size;
    return manifest.files.every((file) => sizeOf(file.name) === file.bytes);
  }
  if (name !== 'train') return true;
  const { version } = await readReport<TrainReport>(submission, 'train');
  return (await openRegistry(input).list()).some((entry) => entry.version === version && entry.problem === undefined);
}

interface Ended {
  readonly text: string;
  readonly failed: boolean;
}

async function runPhase(input: CommandInput, submission: Submission, phase: Phase): Promise<Ended> {
  const { name } = phase;
  if (name === 'setup') return setUp(input);
  if (name === 'smoke') return { text: await smoke(input), failed: false };
  if (name === 'test') return reached(phase, await readReport<Measured>(submission, 'evaluate'));
  if (name === 'deploy') {
    const { version } = await readReport<TrainReport>(submission, 'train');
    return { text: await deploy(input, phase, version), failed: false };
  }
  const filled = {
    ...(name === 'train' || name === 'evaluate' ? await dataOf(submission) : {}),
    ...(name === 'evaluate' ? await trainedOn(submission, phase) : {}),
  };
  const { command } = phase;
  if (command === undefined) throw new TypeError(`the phase ${name} has no command`);
  const run = (own: CommandInput): Promise<Ended> =>
    runCommand(
      { ...own, given: phase.given(filled), deploysLater: submission.phases.some((each) => each.name === 'deploy') },
      command,
      isStage(name) ? reportPath(submission, name) : undefined,
    );
  if (name !== 'load' || !existsSync(reportPath(submission, 'train'))) return run(input);
  const { version } = await readReport<TrainReport>(submission, 'train');
  return withModelAlone(input, version, run);
}

/** The model, and the payments it has not learned from: its own test period, unless others are given. */
async function trainedOn(submission: Submission, { settings }: Phase): Promise<Readonly<Record<string, string>>> {
  const { version, card } = await readReport<TrainReport>(submission, 'train');
  const { data, mapping } = submission.phases.find(({ name }) => name === 'train')?.settings ?? {};
  const { fromMs } = card.periods.find(({ name }) => name === 'test')!; // every card has it
  return {
    model: version,
    ...(typeof data === 'string' && { data }),
    ...(typeof mapping === 'string' && { mapping }),
    ...(!('data' in settings) && { from: formatRfc3339(fromMs) }),
  };
}

async function runCommand(input: CommandInput, command: Command, report: string | undefined): Promise<Ended> {
  const result = await command.run(input);
  if (report !== undefined) {
    await mkdir(dirname(report), { recursive: true });
    await replaceFile(report, new TextEncoder().encode(`${JSON.stringify(result, null, 1)}\n`));
  }
  return { text: command.render(result), failed: command.hasFailed?.(result) === true };
}

/** Whether the model reaches the values asked for. */
function reached({ settings, given }: Phase, { metrics }: Measured): Ended {
  const asked = given();
  const lines = (Object.keys(settings) as MetricName[]).map((name) => {
    const value = metrics[name].value ?? NaN;
    const bound = asked.number(name);
    const [words, isReached] =
      METRICS[name].better === 'higher'
        ? (['at least', value >= bound] as const)
        : (['at most', value <= bound] as const);
    return { text: `${name} ${value.toFixed(4)}, ${words} ${bound} asked for`, failed: !isReached };
  });
  return { text: lines.map(({ text }) => text).join('\n'), failed: lines.some(({ failed }) => failed) };
}
