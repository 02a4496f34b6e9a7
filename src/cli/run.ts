/** Turns a line of words into one command's run, its result into output, and its end into an exit code. */
import { Command as Parser, CommanderError, Option as Flag } from 'commander';
import { createColors } from 'picocolors';
import { flagOf, type SettingName, SETTINGS } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';
import { maskPans } from '../domain/pan.ts';
import { type Setting } from '../setting.ts';
import { type Command, type CommandEntry, type CommandInput, EXIT, type Option } from './command.ts';
import { createGiven, parseOption } from './given.ts';
import { loadConfig } from './load-config.ts';
import { startProgress } from './progress.ts';
import { inWords } from './system-failure.ts';

const MOST_CAUSES = 5;

/** The world around a command; tests hand in their own. */
export interface Surroundings {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly version: string;
}

/** Runs `words` (without program and script) against the table; resolves to the exit code and never rejects. */
export async function runCommandLine(
  words: readonly string[],
  table: readonly CommandEntry[],
  around: Surroundings,
): Promise<number> {
  const entry = entryFor(words, table);
  const json = words.includes('--json');
  const label = ['sentinel', ...(entry === undefined ? [] : [entry.name])].join(' ');
  try {
    const parser = createParser(table, around);
    let exitCode: number | undefined;
    if (entry !== undefined) {
      const { command } = await entry.load();
      const place = parserAt(parser, entry.name, entry.summary);
      declare(
        place,
        command,
        async (input) => {
          const result = await command.run(input);
          if (result !== undefined)
            around.out.write(json ? `${JSON.stringify(result)}\n` : endLine(command.render(result)));
          exitCode = command.hasFailed?.(result) === true ? EXIT.failed : EXIT.done;
        },
        around,
      );
    }
    await parser.parseAsync(words, { from: 'user' });
    if (exitCode === undefined) throw new SentinelError('USAGE', { problem: 'the words of a command stand together, before its options' }); // prettier-ignore
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    if (around.signal.aborted) {
      around.err.write(`${label}: interrupted\n`);
      return EXIT.interrupted;
    }
    return fail(error, label, json, around);
  }
}

/** The entry with the longest name whose words stand together; what comes after an option may be its value. */
function entryFor(words: readonly string[], table: readonly CommandEntry[]): CommandEntry | undefined {
  const [first, second] = words.slice(words.findIndex((word) => !word.startsWith('-')));
  return table.find(({ name }) => name === `${first} ${second}`) ?? table.find(({ name }) => name === first);
}

/** A parser that knows every command by name and summary; only the one called is declared in full, by `declare`. */
function createParser(table: readonly CommandEntry[], around: Surroundings): Parser {
  const parser = new Parser('sentinel')
    .description('Scores payments before they settle, says why, decides and remembers.')
    .version(around.version)
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void around.out.write(text),
      writeErr: (text) => void around.err.write(text),
      outputError: () => undefined, // printed by `fail`, in the form of every other failure
    })
    .exitOverride();
  for (const { name, summary } of table) parserAt(parser, name, summary);
  return parser;
}

/** The (sub)parser of a command, made when it is not there yet. */
function parserAt(parser: Parser, name: string, summary: string): Parser {
  return name.split(' ').reduce((parent, word, index, path) => {
    const known = parent.commands.find((child) => child.name() === word);
    const isLast = index === path.length - 1;
    const child = known ?? parent.command(word).copyInheritedSettings(parent).helpCommand(false);
    return isLast ? child.description(summary) : child;
  }, parser);
}

function declare(
  parser: Parser,
  command: Command,
  run: (input: CommandInput) => Promise<void>,
  around: Surroundings,
): void {
  const settings = new Map<string, SettingName>();
  for (const argument of command.arguments ?? []) {
    const name = `${argument.name}${argument.many === true ? '...' : ''}`;
    parser.argument(argument.required ? `<${name}>` : `[${name}]`, argument.sentence);
  }
  for (const option of command.options ?? []) parser.addOption(flagFor(option));
  for (const name of command.settings ?? []) {
    const flag = flagOf(name);
    const { sentence, default: otherwise }: Setting = SETTINGS[name];
    if (flag === undefined) continue;
    settings.set(flag.slice(2), name);
    parser.addOption(new Flag(`${flag} <value>`, `${sentence} (setting; default ${JSON.stringify(otherwise)})`));
  }
  parser.option('--config <FILE>', 'The configuration file. (default sentinel.yaml, if there is one)');
  parser.option('--json', 'Print the result as one JSON document.');
  parser.addHelpText('after', `\nExample:\n  ${command.example}`);
  parser.action(async () => {
    const values = new Map<string, unknown>(
      parser.options.map((flag) => [flag.long!.slice(2), parser.getOptionValue(flag.attributeName()) as unknown]),
    );
    command.arguments?.forEach(({ name }, index) => values.set(name, parser.processedArgs[index]));
    await run(inputFor(command, values, settings, around));
  });
}

function flagFor(option: Option): Flag {
  if (option.type === 'flag') return new Flag(`--${option.name}`, option.sentence);
  const range = option.type === 'text' ? option.choices?.join(' | ') : option.type;
  const flag = new Flag(
    `--${option.name} <${option.value}>`,
    `${option.sentence}${range === undefined ? '' : ` (${range})`}`,
  );
  flag.argParser((text) => parseOption(option, text));
  if (option.default !== undefined) flag.default(option.default);
  return option.required === true ? flag.makeOptionMandatory() : flag;
}

function inputFor(
  command: Command,
  values: ReadonlyMap<string, unknown>,
  settings: ReadonlyMap<string, SettingName>,
  around: Surroundings,
): CommandInput {
  const { environment, directory, signal, out, err } = around;
  const flags = Object.fromEntries([...settings].map(([flag, name]) => [name, values.get(flag) as string | undefined]));
  const file = values.get('config') as string | undefined; // text options, left as the parser gave them
  const settingWords = [...settings.keys(), 'config'].flatMap((flag) => {
    const value = values.get(flag) as string | undefined;
    return value === undefined ? [] : [`--${flag}`, value];
  });
  const output = { stream: err, isTerminal: err.isTTY === true, nowMs: () => performance.now() };
  return {
    given: createGiven(command, values),
    config: () => loadConfig({ directory, environment, flags, ...(file !== undefined && { file }) }),
    settingWords,
    json: values.get('json') === true,
    signal,
    say: (line) => void err.write(`${line}\n`),
    write: (text) => void out.write(text),
    progress: (label, total, unit) => startProgress(output, label, total, unit),
  };
}

/** One line that says what failed, one that says what to do; with `--json` one document on stdout instead. */
function fail(error: unknown, label: string, json: boolean, around: Surroundings): number {
  const failure = described(error, label);
  if (json) around.out.write(`${JSON.stringify({ error: failure })}\n`);
  else {
    const { red } = createColors(around.err.isTTY === true);
    around.err.write(`${red(`${label}: ${failure.message}`)}\n${failure.remedy}\n`);
  }
  const level = around.environment['LOG_LEVEL'];
  if (level === 'debug' || level === 'trace') around.err.write(`${maskPans(traceOf(error))}\n`);
  return ['USAGE', 'CONFIG_INVALID', 'PIPELINE_INVALID'].includes(failure.code) ? EXIT.misused : EXIT.failed;
}

/** Where it was thrown, and where what caused it; an error may be among its own causes. */
function traceOf(error: unknown, causes = MOST_CAUSES): string {
  if (!(error instanceof Error)) return String(error);
  const because = error.cause === undefined || causes === 0 ? '' : `\ncaused by: ${traceOf(error.cause, causes - 1)}`;
  return `${error.stack}${because}`;
}

function described(
  error: unknown,
  label: string,
): { readonly code: string; readonly message: string; readonly remedy: string } {
  if (error instanceof SentinelError && error.code !== 'USAGE') {
    return { code: error.code, message: error.message, remedy: error.remedy };
  }
  if (error instanceof SentinelError || error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return {
      code: 'USAGE',
      message: message === '(outputHelp)' ? 'no command given' : message,
      remedy: `See ${label} --help.`,
    };
  }
  const { message, remedy } = inWords(error);
  return { code: 'INTERNAL', message: maskPans(message), remedy };
}

function endLine(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}
