/** sentinel journal import: exported segments put back before the first one, while the service is stopped. */
import { join } from 'node:path';
import { importSegments } from '../../adapters/segments/copy.ts';
import { type Command } from '../command.ts';
import { chainKeyOf, DATA } from '../data-directory.ts';

interface Imported {
  readonly directory: string;
  readonly segments: number;
}

export const command: Command<Imported> = {
  arguments: [{ name: 'directory', required: true, sentence: 'Where the exported segments are.' }],
  settings: ['dataDir'],
  example: 'sentinel journal import archive/journal',
  async run({ given, config }) {
    const { dataDir } = config();
    const directory = given.text('directory');
    const segments = await importSegments({
      from: directory,
      to: join(dataDir, DATA.journal),
      key: await chainKeyOf(dataDir),
    });
    return { directory, segments };
  },
  render: ({ directory, segments }) => `${segments} segments of ${directory} are back; sentinel verify proves them`,
};
