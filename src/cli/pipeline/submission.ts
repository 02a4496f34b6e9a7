/** submission.yml: which phases, each with the options of its command; every mistake named at once. */
import { readFileSync, statSync } from 'node:fs';
import { readYaml } from '../../adapters/yaml/read-yaml.ts';
import { closestName } from '../../domain/closest-name.ts';
import { SentinelError } from '../../domain/errors.ts';
import { METRIC_NAMES, METRICS } from '../../training/metric-table.ts';
import { type Argument, type Command, type Given, type Option } from '../command.ts';
import { createGiven, parseOption } from '../given.ts';
import { type PhaseName, PHASE_TABLE, PHASES } from './phases.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Phase {
  readonly name: PhaseName;
  /** As the file has them: what the outcome depends on. */
  readonly settings: Fields;
  /** Where they stand in the file. */
  readonly place: string;
  readonly command: Command | undefined;
  /** The options with defaults, and those of `also`, which the file must not or need not give. */
  given(also?: Readonly<Record<string, string | readonly string[]>>): Given;
}

export interface Submission {
  readonly file: string;
  /** Where results are written. */
  readonly reports: string;
  readonly phases: readonly Phase[];
}

/** What is filled in by the phase before, and so need not be given. */
const FILLED = new Set(['data', 'model']);
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** PIPELINE_INVALID with every mistake and its place. */
export async function readSubmission(file: string): Promise<Submission> {
  const refuse = (problems: readonly string[]): never => {
    throw new SentinelError('PIPELINE_INVALID', { file, problems: problems.map((each) => `\n  ${each}`).join('') });
  };
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) refuse(['there is no such file']);
  if (found?.isDirectory() === true) refuse(['is a directory, where a file is expected']);
  const read = readYaml(readFileSync(file, 'utf8'));
  if ('problem' in read) return refuse([read.problem]);
  if (!isFields(read.value)) return refuse(['expected phases by name']);
  const { reports = 'reports', data = {}, ...others } = read.value;
  const problems: string[] = [];
  if (typeof reports !== 'string') problems.push('reports: expected a directory');
  if (!isFields(data)) problems.push('data: expected generate or prepare');
  const top = PHASES.filter((name) => name !== 'generate' && name !== 'prepare');
  problems.push(...unknownKeys('', Object.keys(others), [...top, 'data', 'reports']));
  const inData = isFields(data) ? data : {};
  problems.push(...unknownKeys('data.', Object.keys(inData), ['generate', 'prepare']));
  if (Object.keys(inData).length > 1) problems.push('data: give generate or prepare, not both');
  const named: Fields = { ...others, ...inData };
  const phases: Phase[] = [];
  for (const name of PHASES.filter((each) => Object.hasOwn(named, each))) {
    const place = name === 'generate' || name === 'prepare' ? `data.${name}` : name;
    const settings = named[name] ?? {};
    if (isFields(settings)) phases.push(await phaseOf(name, place, settings, problems));
    else problems.push(`${place}: expected settings by name, or {}`);
  }
  problems.push(...missingParts(named));
  if (problems.length > 0) refuse(problems);
  return { file, reports: String(reports), phases };
}

function unknownKeys(prefix: string, keys: readonly string[], known: readonly string[]): string[] {
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      if (known.length === 0) return `${prefix}${key}: is not known; this phase takes no settings`;
      const meant = closestName(key, known);
      return `${prefix}${key}: is not known${meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${meant}?`}`; // prettier-ignore
    });
}

function missingParts(named: Fields): string[] {
  const has = (phase: PhaseName): boolean => Object.hasOwn(named, phase);
  const needs = (phase: PhaseName, other: PhaseName): string[] =>
    has(phase) && !has(other) ? [`${phase}: needs the phase ${other}`] : [];
  const hasData = has('generate') || has('prepare') || (isFields(named['train']) && 'data' in named['train']);
  return [
    ...(Object.keys(named).length === 0 ? ['there is no phase'] : []),
    ...(has('train') && !hasData ? ['train.data: is needed where there is no phase under data'] : []),
    ...needs('evaluate', 'train'),
    ...needs('test', 'evaluate'),
    ...needs('deploy', 'train'),
  ];
}

async function phaseOf(name: PhaseName, place: string, settings: Fields, problems: string[]): Promise<Phase> {
  const definition = PHASE_TABLE[name];
  const command = await definition.load?.();
  const options = [
    ...(command?.options ?? []),
    ...(definition.options ?? []),
    ...(name === 'test' ? METRIC_BOUNDS : []),
  ];
  const args = command?.arguments ?? [];
  const values = new Map<string, unknown>();
  problems.push(
    ...unknownKeys(
      `${place}.`,
      Object.keys(settings),
      [...args, ...options].map((each) => each.name),
    ),
  );
  for (const [key, value] of Object.entries(settings)) {
    const argument = args.find((each) => each.name === key);
    const option = options.find((each) => each.name === key);
    const parsed = argument ? argumentValue(argument, value) : option && optionValue(option, value);
    if (parsed instanceof Error) problems.push(`${place}.${key}: ${parsed.message}`);
    else if (parsed !== undefined) values.set(key, parsed);
  }
  const needed = [...args, ...options].filter((each) => 'required' in each && each.required === true);
  for (const { name: key } of needed) {
    if (!(key in settings) && !FILLED.has(key)) problems.push(`${place}.${key}: is needed`);
  }
  const declared: Command = { ...(command ?? NO_COMMAND), options };
  return {
    name,
    settings,
    place,
    command,
    given(also = {}) {
      const defaults = options.flatMap((each) => ('default' in each ? [[each.name, each.default] as const] : []));
      return createGiven(declared, new Map<string, unknown>([...defaults, ...Object.entries(also), ...values]));
    },
  };
}

const NO_COMMAND: Command = { example: '', run: () => Promise.resolve(undefined), render: () => '' };
const METRIC_BOUNDS = METRIC_NAMES.map((name): Option => {
  const sentence = METRICS[name].better === 'higher' ? 'At least this value.' : 'At most this value.';
  return { name, type: 'number', value: 'N', sentence };
});

function argumentValue({ many }: Argument, value: unknown): string | readonly string[] | Error {
  const texts = Array.isArray(value) ? value.map(String) : [String(value)];
  if (many === true) return texts;
  return typeof value === 'string' ? value : new Error(`expected a text, got ${JSON.stringify(value)}`);
}

/** A list stands for its items separated by commas, as on the command line. */
function optionValue(option: Option, value: unknown): unknown {
  if (option.type === 'flag') {
    return typeof value === 'boolean' ? value : new Error(`expected true or false, got ${JSON.stringify(value)}`);
  }
  if (Array.isArray(value) && value.length === 0) return new Error('expected at least one');
  const text = Array.isArray(value) ? value.map(String).join(',') : value;
  if (typeof text !== 'string' && typeof text !== 'number') return new Error(`expected a ${option.type}, got ${JSON.stringify(value)}`); // prettier-ignore
  try {
    return parseOption(option, String(text));
  } catch (error) {
    return error instanceof SentinelError ? new Error(error.message.replace(/^--\S+ /, '')) : error;
  }
}
