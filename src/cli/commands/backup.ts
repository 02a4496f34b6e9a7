/** sentinel backup: journal, keys, snapshots, models and policy in one directory, from a running service too. */
import { systemClock } from '../../adapters/system/clock.ts';
import { formatRfc3339 } from '../../domain/time.ts';
import { type BackupManifest, backUp, type Saved } from '../backup.ts';
import { type Command } from '../command.ts';
import { shownConfig } from '../../config.ts';
import { codeVersion } from '../environment.ts';
import { homeOf } from '../home-of.ts';
import { JOURNAL_SETTINGS } from '../kafka-place.ts';

interface BackedUp extends BackupManifest, Pick<Saved, 'leftOut'> {
  readonly directory: string;
  readonly bytes: number;
}

export const command: Command<BackedUp> = {
  arguments: [{ name: 'directory', required: true, sentence: 'A directory that does not exist yet, or is empty.' }],
  settings: [...JOURNAL_SETTINGS, 'modelsDir', 'policyFile', 'keysFile'],
  example: 'sentinel backup backups/monday',
  async run({ given, config, signal, say }) {
    const settings = config();
    const directory = given.text('directory');
    const facts = {
      createdAt: formatRfc3339(systemClock.nowMs()),
      codeVersion: codeVersion(),
      settings: shownConfig(settings),
    };
    const { manifest, leftOut } = await backUp(settings, homeOf(settings, say), directory, facts, signal);
    const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
    return { directory, bytes, leftOut, ...manifest };
  },
  render: ({ directory, bytes, leftOut, head, journal, files }) =>
    [
      `${directory}: ${Object.keys(files).length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, journal up to ${head.seq}:${head.mac}, ${journal.records} records with SHA-256 ${journal.sha256}`,
      ...leftOut.map((path) => `left out, since it does not exist: ${path}`),
      'It holds the keys: keep it as secret as they are.',
    ].join('\n'),
};
