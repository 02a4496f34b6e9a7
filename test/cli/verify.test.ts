import { cpSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { openSegmentJournal } from '../../src/adapters/segments/journal.ts';
import { segmentPath } from '../../src/adapters/segments/segment-files.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { type DecisionRecord } from '../../src/journal/record.ts';
import { ARTIFACT_FILE, encodeArtifact } from '../../src/scoring/artifact.ts';
import { loadArtifact } from '../../src/usecases/load-champion.ts';
import { ran } from '../support/command-lines.ts';
import { aDirectory, keptDirectory } from '../support/directories.ts';
import { blockOffsets, edit, recordsOf } from '../support/journals.ts';
import { aConfig, aPayment, trainQuickModel, withService } from '../support/services.ts';

/** As of the service under test. */
const SEGMENT_BYTES = 2 ** 20;
const directory = keptDirectory();
const modelsDir = join(directory, 'models');
const dataDir = join(directory, 'data');

interface Verified {
  readonly records: number;
  readonly decisions: number;
  readonly features: number;
  readonly problems: number;
  readonly storageProblems: readonly { file: string; offset: number; seq: number; problem: string }[];
  readonly tornTail?: unknown;
  readonly differences: readonly { seq: number; transactionId: string; field: string; recorded: string }[];
  readonly parity?: { readonly missingVersions: readonly string[] };
}

async function verified(dataDirectory: string, models = modelsDir): Promise<Verified & { exitCode: number }> {
  const { out, exitCode } = await ran(`verify --data-dir ${dataDirectory} --models-dir ${models} --json`, COMMANDS);
  return { ...(JSON.parse(out) as Verified), exitCode };
}

/** The same data directory, to be damaged. */
function aCopy(): string {
  const copy = aDirectory();
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

/** The same records with one changed, written again with the key: what someone who has it could forge. */
async function forged(id: string, change: (record: DecisionRecord) => DecisionRecord): Promise<string> {
  const [from, copy] = [aCopy(), aDirectory()];
  mkdirSync(join(copy, 'journal'));
  cpSync(join(from, 'journal', 'chain.key'), join(copy, 'journal', 'chain.key'));
  const source = await openSegmentJournal({ directory: join(from, 'journal'), segmentBytes: SEGMENT_BYTES });
  const target = await openSegmentJournal({ directory: join(copy, 'journal'), segmentBytes: SEGMENT_BYTES });
  for (const record of await recordsOf(source)) {
    const isIt = record.type === 'decision' && record.transaction.transactionId === id;
    await target.append(isIt ? change(record) : record).committed;
  }
  await source.close();
  await target.close();
  return copy;
}

beforeAll(async () => {
  await trainQuickModel(modelsDir);
  await withService(aConfig(directory, modelsDir), async (client) => {
    for (let index = 0; index < 40; index++) {
      const payment = aPayment({ transaction_id: `t${index}`, user_id: `user_${index % 3}`, amount: 10 + index });
      await client.post('/api/v1/predict', payment);
      if (index % 10 === 0) await client.post('/api/v1/predict', payment);
      if (index % 7 === 0) {
        await client.post('/api/v1/labels', { transaction_id: `t${index}`, is_fraud: true, source: 'chargeback' });
      }
    }
  });
}, 60_000);

describe('sentinel verify', () => {
  it('finds no difference in the journal of a real service', async () => {
    const result = await verified(dataDir);
    expect(result).toMatchObject({ exitCode: 0, problems: 0, decisions: 40, differences: [], storageProblems: [] });
    expect(result.features).toBeGreaterThan(40 * 60);
    expect(result.records).toBeGreaterThan(50);
    expect(result.parity?.missingVersions).toEqual([]);
  });

  it('names the feature that an amount forged with the key no longer fits', async () => {
    const copy = await forged('t17', (record) => {
      const amountMinor = record.amountBaseMinor + 1;
      return { ...record, amountBaseMinor: amountMinor, transaction: { ...record.transaction, amountMinor } };
    });
    const { exitCode, differences } = await verified(copy);
    expect(exitCode).toBe(1);
    expect(differences[0]).toMatchObject({ transactionId: 't17', field: 'amount', recorded: '27' });
    expect(differences[0]).toMatchObject({ recomputed: '27.01' });
  });

  it('names the feature of which one bit was changed', async () => {
    const copy = await forged('t9', (record) => {
      const vector = record.vector!.slice();
      new BigUint64Array(vector.buffer)[0]! ^= 1n;
      return { ...record, vector };
    });
    const { exitCode, differences } = await verified(copy);
    expect(exitCode).toBe(1);
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ transactionId: 't9', field: 'amount' });
  });

  it('names the contribution, the outcome and the repeat that were forged', async () => {
    const flipped = await forged('t3', (record) => ({ ...record, outcome: 'block' }));
    expect((await verified(flipped)).differences[0]).toMatchObject({ transactionId: 't3', field: 'outcome' });
    const twice = await forged('t2', (record) => ({
      ...record,
      transaction: { ...record.transaction, transactionId: 't1' },
    }));
    expect((await verified(twice)).differences[0]).toMatchObject({ transactionId: 't1', field: 'transaction_id' });
  });

  it('finds an edit without the key, its checksum put right, by the chain', async () => {
    const copy = aCopy();
    const journal = join(copy, 'journal');
    const at = blockOffsets(journal, 1)[12]!;
    edit(journal, 1, (bytes) => {
      const frame = at + 88;
      bytes[frame + 60]! ^= 1;
      bytes.writeUInt32LE(crc32(bytes.subarray(frame + 8, frame + bytes.readUInt32LE(frame))), frame + 4);
    });
    const { exitCode, storageProblems } = await verified(copy);
    expect(exitCode).toBe(1);
    expect(storageProblems[0]).toMatchObject({
      file: segmentPath(journal, 1),
      offset: at,
      problem: 'the block does not match its MAC',
    });
  });

  it('finds a block cut in the middle, and a cut tail below the head that the snapshot noted', async () => {
    const middle = aCopy();
    const [, , third, fourth] = blockOffsets(join(middle, 'journal'), 1) as [number, number, number, number];
    edit(join(middle, 'journal'), 1, (bytes) =>
      Buffer.concat([bytes.subarray(0, third + 100), bytes.subarray(fourth)]),
    );
    const cut = await verified(middle);
    expect(cut.exitCode).toBe(1);
    expect(cut.storageProblems[0]).toMatchObject({ file: segmentPath(join(middle, 'journal'), 1), offset: third + 88 });

    const tail = aCopy();
    const last = blockOffsets(join(tail, 'journal'), 1).at(-1)!;
    truncateSync(segmentPath(join(tail, 'journal'), 1), last + 120);
    const { exitCode, storageProblems } = await verified(tail);
    expect(exitCode).toBe(1);
    expect(storageProblems.map(({ problem }) => problem).join()).toMatch(/was published, but no block ends there/);
  });

  it('says that the proof is incomplete when the model that decided is gone', async () => {
    const other = join(aDirectory(), 'models');
    const registry = createFileModelRegistry(modelsDir, systemClock);
    const artifact = await loadArtifact(registry, (await registry.production())!);
    const bytes = encodeArtifact({ ...artifact, version: 'v20010101_000000' });
    await createFileModelRegistry(other, systemClock).save('v20010101_000000', new Map([[ARTIFACT_FILE, bytes]]), {});
    const { exitCode, parity, differences } = await verified(dataDir, other);
    expect(differences).toEqual([]);
    expect(parity?.missingVersions).toHaveLength(1);
    expect(exitCode).toBe(1);
  });

  it('tells what storage shows, and that nothing was made again, when there is no model at all', async () => {
    const absent = join(aDirectory(), 'absent');
    const proved = await verified(dataDir, absent);
    expect(proved).toMatchObject({ exitCode: 1, problems: 1, decisions: 0, storageProblems: [], differences: [] });
    expect(proved.records).toBeGreaterThan(40);
    const { out } = await ran(`verify --data-dir ${dataDir} --models-dir ${absent}`, COMMANDS);
    expect(out).toContain('0 storage problems');
    expect(out).toContain('there is no model to do it with; --models-dir');
  });

  it('proves a journal while the service writes it', async () => {
    const copy = aCopy();
    const config = { ...aConfig(directory, modelsDir), dataDir: copy };
    await withService(config, async (client) => {
      await client.post('/api/v1/predict', aPayment({ transaction_id: 'live' }));
      expect(await verified(copy)).toMatchObject({ exitCode: 0, decisions: 41, problems: 0 });
      expect((await client.get('/api/v1/decisions/live')).status).toBe(200);
    });
  });
});
