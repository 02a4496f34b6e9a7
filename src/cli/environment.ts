/** What a model remembers of the program and the machine that made it. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The version in package.json, found from the sources and from the build alike. */
export function codeVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string };
      return version;
    } catch {
      continue; // built files lie one folder deeper
    }
  }
  return 'unknown';
}

export function environmentFacts(): {
  readonly codeVersion: string;
  readonly environment: Readonly<Record<string, string>>;
} {
  return {
    codeVersion: codeVersion(),
    environment: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model ?? 'unknown',
    },
  };
}
