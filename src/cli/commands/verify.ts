/** sentinel verify: every record checked, every decision made again from the records before it. */
import { createFileModelRegistry } from '../../adapters/registry-files/model-registry.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type JournalHead } from '../../ports/journal.ts';
import { type Command } from '../command.ts';
import { type JournalProof, proveJournal } from '../journal-proof.ts';
import { JOURNAL_SETTINGS, kafkaPlaceOf } from '../kafka-place.ts';
import { segmentEvidence } from '../segment-evidence.ts';
import { topicEvidence } from '../topic-evidence.ts';

interface Verified extends JournalProof {
  readonly records: number;
  readonly decisions: number;
  /** Feature values compared, bit for bit. */
  readonly features: number;
  /** Everything that is not as it should be. */
  readonly problems: number;
  readonly seconds: number;
}

/** `SEQ:MAC` as in the log, or as /metrics and a snapshot give them. */
function headOf(text: string | undefined): JournalHead | undefined {
  if (text === undefined) return undefined;
  const [, seq, mac] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || mac === undefined) {
    throw new SentinelError('USAGE', { problem: `--published: expected SEQ:MAC with 64 hex digits, got ${text}` });
  }
  return { seq: Number(seq), mac };
}

function extentOf(storage: JournalProof['storage']): string {
  if ('segments' in storage) return `${storage.segments} ${storage.segments === 1 ? 'segment' : 'segments'}`;
  const { topic, partitions, seals, unsealed } = storage;
  return `topic ${topic}, ${partitions} partitions, ${seals} seals, ${unsealed} messages unsealed`;
}

export const command: Command<Verified> = {
  options: [
    { name: 'published', type: 'text', value: 'SEQ:MAC', sentence: 'A head of the journal noted elsewhere, which it must still reach; without one that of the newest snapshot.' },
  ], // prettier-ignore
  settings: [...JOURNAL_SETTINGS, 'modelsDir'],
  example: 'sentinel verify --data-dir data',
  async run({ given, config, progress, signal }) {
    const started = performance.now();
    const settings = config();
    const { dataDir, modelsDir } = settings;
    const bar = progress('verify', undefined, 'records');
    const published = headOf(given.optionalText('published'));
    const registry = createFileModelRegistry(modelsDir, systemClock);
    const place = kafkaPlaceOf(settings);
    const evidence = await (place === undefined
      ? segmentEvidence(dataDir, published)
      : topicEvidence(place, dataDir, published));
    const proof = await proveJournal({ evidence, registry, onRecords: bar.update, signal });
    bar.finish();
    const { storage, storageProblems, parity } = proof;
    const unproven = (parity?.missingVersions.length ?? 0) + (parity === undefined ? 1 : 0);
    return {
      records: storage.records,
      decisions: parity?.decisions ?? 0,
      features: parity?.features ?? 0,
      problems: storageProblems.length + (parity?.differing ?? proof.differences.length) + unproven,
      seconds: (performance.now() - started) / 1_000,
      ...proof,
    }; // prettier-ignore
  },
  hasFailed: ({ problems }) => problems > 0,
  render(result) {
    const { records, decisions, features, seconds, storage, storageProblems, tornTail, differences, parity } = result;
    const differing = parity?.differing ?? differences.length;
    const unit = 'topic' in storage ? 'offset' : 'byte';
    const lines = [
      `${records} records, ${extentOf(storage)}, head ${storage.head.seq}:${storage.head.mac}`,
      `${decisions} decisions and ${features} feature values compared in ${seconds.toFixed(1)} s: ${differing} differences, ${storageProblems.length} storage problems`,
    ];
    for (const { file, offset, seq, problem } of storageProblems) lines.push(`${file}, ${unit} ${offset}, seq ${seq}: ${problem}`);
    for (const { seq, transactionId, field, recorded, recomputed } of differences) {
      lines.push(`seq ${seq}${transactionId === undefined ? '' : `, transaction ${transactionId}`}, ${field}: recorded ${recorded}, recomputed ${recomputed}`);
    }
    if (tornTail !== undefined) lines.push(`${tornTail.file}, byte ${tornTail.offset}: the last block is unfinished and was never acknowledged; the next start cuts it`);
    if ('topic' in storage && storage.waiting > 0) lines.push(`${storage.waiting} records wait behind seq ${storage.head.seq + 1}, which is being written or in doubt; they are not compared yet`);
    if (storage.firstSeq > 1) lines.push(`The journal begins with seq ${storage.firstSeq}: ${'topic' in storage ? 'verify an archive (sentinel journal export) that has what retention removed' : 'import the segments before it (sentinel journal import)'} to make its decisions again`);
    else if (parity === undefined && storageProblems.length === 0) lines.push('Decisions were not made again: there is no model to do it with; --models-dir says where they are');
    else if (parity === undefined) lines.push('Decisions were not made again: what follows a damaged place cannot be');
    for (const versions of parity?.missingVersions ?? []) lines.push(`Not proved beyond the features, because what decided is gone: ${versions}`);
    return lines.join('\n');
  }, // prettier-ignore
};
