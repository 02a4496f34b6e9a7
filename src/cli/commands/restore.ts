/** sentinel restore: a backup put back, what stands in its way moved aside. */
import { systemClock } from '../../adapters/system/clock.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { restore, type Restored } from '../backup.ts';
import { type Command } from '../command.ts';

interface RestoredHere extends Restored {
  readonly directory: string;
  readonly dataDir: string;
}

export const command: Command<RestoredHere> = {
  arguments: [{ name: 'directory', required: true, sentence: 'The backup.' }],
  options: [{ name: 'yes', type: 'flag', sentence: 'Replace what is there; it is moved aside, not deleted.' }],
  settings: ['dataDir', 'modelsDir', 'policyFile', 'keysFile'],
  example: 'sentinel restore backups/monday',
  async run({ given, config, signal }) {
    const settings = config();
    const directory = given.text('directory');
    const stamp = formatRfc3339(systemClock.nowMs()).replaceAll(/\D/g, '').slice(0, 14);
    const restored = await restore(settings, directory, { replace: given.flag('yes'), stamp, signal });
    return { directory, dataDir: settings.dataDir, ...restored };
  },
  render: ({ directory, dataDir, manifest, movedAside }) =>
    [
      `${dataDir} is as of ${manifest.createdAt}, journal up to ${manifest.head.seq}, from ${directory}`,
      ...movedAside.map((path) => `moved aside: ${path}`),
      'sentinel verify proves it; the ledger is made again at the next start.',
    ].join('\n'),
};
