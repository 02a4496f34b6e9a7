import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/cli/load-config.ts';
import { aDirectory } from '../support/directories.ts';

it('names what should be a file and is a directory', () => {
  for (const name of ['sentinel.yaml', '.env', 'other.yaml']) {
    const directory = aDirectory();
    mkdirSync(join(directory, name));
    const file = name === 'other.yaml' ? { file: name } : {};
    const wanted = { code: 'CONFIG_INVALID', message: expect.stringContaining(`${name} is a directory`) as string };
    const load = (): unknown => loadConfig({ directory, environment: {}, flags: {}, ...file });
    expect(load).toThrow(expect.objectContaining(wanted) as Error);
  }
});
