/** Finds sentinel.yaml and .env in the working directory and reads the configuration. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readYaml } from '../adapters/yaml/read-yaml.ts';
import { type Config, type ConfigSources, readConfig } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';

const END = 'END_OF_FILE';

export interface ConfigPlace {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Given on the command line; must exist then. Otherwise sentinel.yaml, if there is one. */
  readonly file?: string;
  readonly flags: NonNullable<ConfigSources['flags']>;
}

/** What .env says counts as environment, below the real one. Throws CONFIG_INVALID. */
export function loadConfig({ directory, environment, file, flags }: ConfigPlace): Config {
  const name = file ?? 'sentinel.yaml';
  const path = resolve(directory, name);
  const env = join(directory, '.env');
  if (file !== undefined && !existsSync(path)) throw invalid(`${file} does not exist`);
  refuseDirectory(path, name);
  refuseDirectory(env, '.env');
  return readConfig({
    ...(existsSync(path) && { file: { name, content: contentOf(path, name) } }),
    environment: { ...(existsSync(env) ? variablesOf(readFileSync(env, 'utf8')) : {}), ...environment },
    flags,
  });
}

function refuseDirectory(path: string, name: string): void {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) throw invalid(`${name} is a directory, where a file is expected`);
}

function contentOf(path: string, name: string): unknown {
  const result = readYaml(readFileSync(path, 'utf8'));
  if ('problem' in result) throw invalid(`${name}: ${result.problem}`);
  return result.value;
}

/** The variables of .env. A line without `=` would become a part of the name after it. */
function variablesOf(text: string): Readonly<Record<string, string | undefined>> {
  const { [END]: _end, ...variables } = parseEnv(`${text}\n${END}=`); // so that a name comes after the last line too
  const wrong = Object.keys(variables).filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong.length === 0) return variables;
  const lines = text.split('\n').map((line) => line.trim().replace(/^export /, ''));
  const places = wrong.map((name) => {
    const [first, ...others] = name.trim().split('\n');
    return 1 + lines.findIndex((line) => (others.length > 0 ? line : line.split('=', 1)[0]!.trim()) === first);
  });
  const shown = places.sort((one, other) => one - other).map((place) => `line ${place}`);
  throw invalid(`.env, ${shown.join(', ')}: expected NAME=value, the name of letters, digits and _`);
}

function invalid(problem: string): SentinelError {
  return new SentinelError('CONFIG_INVALID', { problems: problem });
}
