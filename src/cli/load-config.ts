/** Finds sentinel.yaml and .env in the working directory and reads the configuration. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readYaml } from '../adapters/yaml/read-yaml.ts';
import { type Config, type ConfigSources, readConfig } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';

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
  return readConfig({
    ...(existsSync(path) && { file: { name, content: contentOf(path, name) } }),
    environment: { ...(existsSync(env) ? parseEnv(readFileSync(env, 'utf8')) : {}), ...environment },
    flags,
  });
}

function contentOf(path: string, name: string): unknown {
  const result = readYaml(readFileSync(path, 'utf8'));
  if ('problem' in result) throw invalid(`${name}: ${result.problem}`);
  return result.value;
}

function invalid(problem: string): SentinelError {
  return new SentinelError('CONFIG_INVALID', { problems: problem });
}
