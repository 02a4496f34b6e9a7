/** sentinel journal export: copies of sealed segments, for an archive. */
import { join } from 'node:path';
import { exportSegments } from '../../adapters/segments/copy.ts';
import { type Command } from '../command.ts';
import { chainKeyOf, DATA } from '../data-directory.ts';

interface Exported {
  readonly directory: string;
  readonly segments: number;
  /** `seq` of the first and the last record exported; 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export const command: Command<Exported> = {
  arguments: [{ name: 'directory', required: true, sentence: 'Where the copies go.' }],
  options: [
    { name: 'before', type: 'whole number', value: 'SEQ', minimum: 1, sentence: 'Only segments that end before this record. (default all that are sealed)' },
  ], // prettier-ignore
  settings: ['dataDir'],
  example: 'sentinel journal export archive/journal',
  async run({ given, config }) {
    const { dataDir } = config();
    const directory = given.text('directory');
    const exported = await exportSegments({
      from: join(dataDir, DATA.journal),
      to: directory,
      key: await chainKeyOf(dataDir),
      beforeSeq: given.optionalNumber('before') ?? Number.MAX_SAFE_INTEGER,
    });
    const [firstSeq, lastSeq] = [exported[0]?.firstSeq ?? 0, exported.at(-1)?.lastSeq ?? 0];
    return { directory, segments: exported.length, firstSeq, lastSeq };
  },
  render: ({ directory, segments, firstSeq, lastSeq }) =>
    segments === 0
      ? 'No segment is sealed yet; sentinel backup copies the open one too.'
      : `${segments} segments, seq ${firstSeq} to ${lastSeq}, copied to ${directory}; keep the key file ${DATA.chainKey} elsewhere`,
};
