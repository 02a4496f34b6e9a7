/** sentinel restore: a backup put back, what stands in its way moved aside. */
import { join } from 'node:path';
import { systemClock } from '../../adapters/system/clock.ts';
import { placesOf } from '../../compose/places.ts';
import { DATABASE_SETTING_NAMES, databaseServerOf } from '../../database-settings.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { restore, type Restored } from '../backup.ts';
import { REDIS_SETTING_NAMES } from '../../redis-settings.ts';
import { type Command } from '../command.ts';
import { homeOf } from '../home-of.ts';
import { JOURNAL_SETTINGS } from '../kafka-place.ts';

interface RestoredHere extends Restored {
  readonly directory: string;
  readonly dataDir: string;
  /** The server whose ledger is left as it was; absent when the ledger lies in the data directory. */
  readonly ledgerServer?: string;
}

export const command: Command<RestoredHere> = {
  arguments: [{ name: 'directory', required: true, sentence: 'The backup.' }],
  options: [{ name: 'yes', type: 'flag', sentence: 'Replace what is there; it is moved aside, not deleted.' }],
  settings: [
    ...JOURNAL_SETTINGS,
    ...REDIS_SETTING_NAMES,
    ...DATABASE_SETTING_NAMES,
    'modelsDir',
    'policyFile',
    'keysFile',
  ],
  example: 'sentinel restore backups/monday',
  async run({ given, config, signal, say }) {
    const settings = config();
    const directory = given.text('directory');
    const stamp = formatRfc3339(systemClock.nowMs()).replaceAll(/\D/g, '').slice(0, 14);
    const restored = await restore(settings, homeOf(settings, say), directory, {
      replace: given.flag('yes'),
      stamp,
      signal,
    });
    const server = databaseServerOf(settings) === undefined ? {} : { ledgerServer: placesOf(settings).ledger };
    return { directory, dataDir: settings.dataDir, ...restored, ...server };
  },
  render: ({ directory, dataDir, manifest, movedAside, notRestored, ledgerServer }) =>
    [
      `${dataDir} is as of ${manifest.createdAt}, journal up to ${manifest.head.seq}, from ${directory}`,
      ...movedAside.map((path) => `moved aside: ${path}`),
      ...notRestored.map(({ file, option }) => `not restored: ${file}; ${option} says where it belongs`),
      `${join(directory, 'settings.json')} holds the settings it ran with`,
      ledgerServer === undefined
        ? 'sentinel verify proves it; the ledger is made again at the next start.'
        : `sentinel verify proves it; the ledger at ${ledgerServer} is as it was: sentinel ledger rebuild --yes makes it again from this journal.`,
    ].join('\n'),
};
