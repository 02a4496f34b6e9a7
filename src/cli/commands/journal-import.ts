/** sentinel journal import: a journal brought from segments into the place that is configured, while no service writes it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { topicFrames } from '../../adapters/kafka/topic-frames.ts';
import { type ChainKey, chainKey, newChainKey, readKeyFile, writeChainKey } from '../../adapters/segments/chain-key.ts';
import { importSegments, keyIdOf } from '../../adapters/segments/copy.ts';
import { findChainKey } from '../../adapters/segments/journal.ts';
import { segmentFrames } from '../../adapters/segments/segment-frames.ts';
import { markFinished, markUnfinished } from '../../adapters/segments/unfinished-import.ts';
import { createDigest } from '../../adapters/system/digest.ts';
import { writingTo } from '../../adapters/system/failure-place.ts';
import { lockHolder } from '../../adapters/system/lock.ts';
import { JOURNAL_KEY_FILE } from '../../compose/journal-key.ts';
import { type Config } from '../../config.ts';
import { SentinelError } from '../../domain/errors.ts';
import { equalBytes } from '../../journal/block.ts';
import { kafkaClusterOf } from '../../kafka-settings.ts';
import { type JournalTarget } from '../../ports/journal-copy.ts';
import { REDIS_SETTING_NAMES } from '../../redis-settings.ts';
import { type MovedJournal, moveJournal } from '../../usecases/move-journal.ts';
import { type Command, type CommandInput } from '../command.ts';
import { DATA } from '../data-directory.ts';
import { concludeImport, emptyPlaceOf, prepareTopics } from '../home-of.ts';
import { JOURNAL_SETTINGS } from '../kafka-place.ts';

type Imported = { readonly directory: string } & (
  ({ readonly into: string } & MovedJournal) | { readonly segments: number }
);

/** The key that the segments were written with: given, beside them, or one of this installation. */
async function archiveKey(directory: string, given: string | undefined, config: Config): Promise<ChainKey> {
  if (given !== undefined && !existsSync(given)) {
    throw new SentinelError('DATA_UNREADABLE', { file: given, problem: 'there is no such file' });
  }
  const own = [DATA.chainKey, JOURNAL_KEY_FILE].map((name) => join(config.dataDir, name));
  const files = [...(given === undefined ? [] : [given]), join(directory, 'chain.key'), ...own];
  const keys = await Promise.all(files.map(readKeyFile));
  if (config.journalKey !== '') keys.push(chainKey(Buffer.from(config.journalKey, 'hex')));
  const id = await keyIdOf(directory);
  const key = keys.find((candidate) => candidate !== undefined && equalBytes(candidate.id, id));
  if (key === undefined)
    throw new SentinelError('USAGE', {
      problem: `--key: say which key the segments of ${directory} were written with`,
    });
  return key;
}

async function move(
  from: { readonly directory: string; readonly key: ChainKey },
  target: JournalTarget,
  { signal, progress }: Pick<CommandInput, 'signal' | 'progress'>,
): Promise<Imported> {
  const bar = progress('import', undefined, 'records');
  const moved = await moveJournal(segmentFrames(from), target, { createDigest, signal, onRecords: bar.update });
  bar.finish();
  return { directory: from.directory, into: target.name, ...moved };
}

/**
 * Back before the first segment where that is where they come from, else into a journal that holds nothing else. An
 * archive that is refused leaves nothing, and one that is not brought to its end a journal that nobody opens.
 */
async function intoDirectory(config: Config, directory: string, key: ChainKey, input: CommandInput): Promise<Imported> {
  const to = join(config.dataDir, DATA.journal);
  const own = await findChainKey({ directory: to });
  if (own !== undefined && equalBytes(own.id, key.id)) {
    const onBeginning = (): Promise<void> => markUnfinished(to);
    const options = { from: directory, to, key, signal: input.signal, onBeginning };
    const segments = await writingTo(to, () => importSegments(options));
    await markFinished(to);
    return { directory, segments };
  }
  const ownKey = own ?? newChainKey();
  const onHeld = async (): Promise<void> => {
    await markUnfinished(to);
    if (own === undefined) await writeChainKey(join(config.dataDir, DATA.chainKey), ownKey);
  };
  const target = segmentFrames({ directory: to, key: ownKey, onHeld });
  const moved = await writingTo(to, () => move({ directory, key }, target, input));
  await markFinished(to);
  return moved;
}

function renderBack({ directory, segments }: { readonly directory: string; readonly segments: number }): string {
  return segments === 0
    ? `No segment of ${directory} was needed: the journal holds them all`
    : `${segments} segments of ${directory} were missing and are back; sentinel verify proves them`;
}

export const command: Command<Imported> = {
  arguments: [{ name: 'directory', required: true, sentence: 'Where the segments are: an archive, or the journal of a data directory.' }],
  options: [
    { name: 'key', type: 'text', value: 'FILE', sentence: 'The key file the segments were written with. (default chain.key beside them, else the key of this installation)' },
  ],
  settings: [...JOURNAL_SETTINGS, ...REDIS_SETTING_NAMES, 'modelsDir'],
  example: 'sentinel journal import archive/journal',
  async run(input) {
    const { given, config, say } = input;
    const settings = config();
    const directory = given.text('directory');
    if (!existsSync(directory)) throw new SentinelError('DATA_UNREADABLE', { file: directory, problem: 'there is no such directory' });
    const writer = lockHolder(directory);
    if (writer !== undefined) say(`process ${writer} is writing ${directory}: what it records from now on is not brought; stop it, and import again`);
    const key = await archiveKey(directory, given.optionalText('key'), settings);
    if (kafkaClusterOf(settings) === undefined) return intoDirectory(settings, directory, key, input);
    const place = emptyPlaceOf(settings, key);
    await prepareTopics(settings, settings.modelsDir, say);
    const imported = await move({ directory, key }, topicFrames(place), input);
    await concludeImport(settings, place);
    return imported;
  },
  render(result) {
    if ('segments' in result) return renderBack(result);
    const { directory, into, written, records, firstSeq, lastSeq, sha256 } = result;
    return `${written} records of ${directory} written; ${into} holds its ${records} records, seq ${firstSeq} to ${lastSeq}, read again with the same SHA-256 ${sha256}`;
  },
}; // prettier-ignore
