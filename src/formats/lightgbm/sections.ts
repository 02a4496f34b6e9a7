/** LightGBM's text: sections of `name=value` lines, and what stands behind them. */
import { refused } from '../place.ts';

/** One section; `place` names it in errors. */
export interface Section {
  readonly place: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface LightgbmText {
  readonly header: Section;
  readonly trees: readonly Section[];
  /** `[name: value]` lines of the training. */
  readonly parameters: ReadonlyMap<string, string>;
  /** JSON behind `pandas_categorical:`; absent when the line is missing. */
  readonly pandasCategories?: string;
}

const END_OF_TREES = 'end of trees';
const CATEGORIES = 'pandas_categorical:';

/** Cuts a file into its sections. Refuses what is no such file, and one that was cut short. */
export function readSections(text: string): LightgbmText {
  const lines = text.split(/\r?\n/);
  if (lines[0] !== 'tree')
    throw refused('line 1', `is ${JSON.stringify(lines[0]?.slice(0, 40))}; a LightGBM model begins with "tree"`);
  const end = lines.indexOf(END_OF_TREES);
  if (end < 0) throw refused(`line ${lines.length}`, `the file ends before "${END_OF_TREES}"`);
  const starts = lines.flatMap((line, index) => (index < end && line.startsWith('Tree=') ? [index] : []));
  const header = sectionOf(lines.slice(1, starts[0] ?? end), 'header');
  const trees = starts.map((start, index) => sectionOf(lines.slice(start, starts[index + 1] ?? end), `tree ${index}`));
  const counted = (header.values.get('tree_sizes') ?? '').split(' ').filter((size) => size !== '').length;
  if (counted !== trees.length)
    throw refused('header', `tree_sizes counts ${counted} trees, the file holds ${trees.length}`);
  const behind = lines.slice(end + 1);
  const categories = behind.find((line) => line.startsWith(CATEGORIES));
  return {
    header,
    trees,
    parameters: new Map(behind.flatMap((line) => parameterOf(line))),
    ...(categories !== undefined && { pandasCategories: categories.slice(CATEGORIES.length) }),
  };
}

function sectionOf(lines: readonly string[], place: string): Section {
  const pairs = lines
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    });
  return { place, values: new Map(pairs) };
}

function parameterOf(line: string): readonly [string, string][] {
  const match = /^\[([^:]+): (.*)\]$/.exec(line);
  return match === null ? [] : [[match[1]!, match[2]!]];
}

/** The value of a line; refuses when it is missing. */
export function textIn({ place, values }: Section, name: string): string {
  const text = values.get(name);
  if (text === undefined) throw refused(place, `has no ${name}`);
  return text;
}

/** The numbers of a line, of the given length when one is given; `whenMissing` stands in for a missing line. */
export function numbersIn(
  section: Section,
  name: string,
  length?: number,
  whenMissing?: readonly number[],
): readonly number[] {
  if (whenMissing !== undefined && !section.values.has(name)) return whenMissing;
  const words = textIn(section, name)
    .split(' ')
    .filter((word) => word !== '');
  const numbers = words.map((word) => numberOf(word, `${section.place}, ${name}`));
  if (length !== undefined && numbers.length !== length) {
    throw refused(`${section.place}, ${name}`, `holds ${numbers.length} values, not ${length}`);
  }
  return numbers;
}

export function countIn(section: Section, name: string): number {
  const [value = NaN] = numbersIn(section, name, 1);
  if (!Number.isInteger(value) || value < 0) throw refused(`${section.place}, ${name}`, `is ${value}, not a count`);
  return value;
}

/** As C++ prints it. */
function numberOf(word: string, place: string): number {
  if (/^[+]?inf$/i.test(word)) return Infinity;
  if (/^-inf$/i.test(word)) return -Infinity;
  const value = Number(word);
  if (Number.isNaN(value)) throw refused(place, `${JSON.stringify(word)} is not a number`);
  return value;
}
