import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFileModelRegistry } from '../../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { createFeatureEngine } from '../../../src/features/engine.ts';
import { type DecisionRecord, type JournalRecord } from '../../../src/journal/record.ts';
import { createFold } from '../../../src/usecases/fold.ts';
import { championOf, loadArtifact, policyOf } from '../../../src/usecases/load-champion.ts';
import { restoreOnlineStore } from '../../../src/usecases/restore-online-store.ts';
import { createParityCheck } from '../../../src/usecases/verify-parity.ts';
import { aDirectory } from '../../support/directories.ts';
import { openJournalFile, readJournalFile } from '../../support/journal-files.ts';
import { sha256 } from '../../support/policies.ts';
import { openStore } from '../../support/redis-worlds.ts';
import { runUntilKilled } from '../../support/run-until-killed.ts';
import { serverAddress } from '../../support/servers.ts';
import { trainQuickModel } from '../../support/services.ts';
import { codec, createInstance } from '../../support/shared-instances.ts';

const ROUNDS = 10;
/** Scorers side by side, sent the same payments. */
const SCORERS = 2;
const LONGEST_RUN_MS = 400;

const SCORER = join(import.meta.dirname, 'scorer.ts');

const found = serverAddress('redis');

async function* batches(records: readonly JournalRecord[]): AsyncGenerator<readonly JournalRecord[]> {
  yield records;
}

if ('missing' in found) {
  it.skip(`needs Redis: ${found.missing}`);
} else {
  const url = found.address;

  it('scores each payment once over kills of all instances, loses no answer and leaves profiles as a replay makes them', async () => {
    const name = `kills-${randomUUID()}`;
    const directory = aDirectory();
    const models = join(directory, 'models');
    const file = join(directory, 'journal');
    const version = await trainQuickModel(models);
    const artifact = await loadArtifact(createFileModelRegistry(models, systemClock), version);
    const settings = artifact.featureSettings;
    const champion = championOf(artifact, policyOf(artifact, sha256), createFeatureEngine(settings).catalogue);
    const on = await openStore(url, name);
    const journal = openJournalFile(file);
    await restoreOnlineStore({ state: on.state, fold: createFold(createFeatureEngine(settings)), codec }, () =>
      batches([]),
    );

    const answered: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const runs = Array.from({ length: SCORERS }, (_, scorer) =>
        runUntilKilled(
          SCORER,
          [url, name, models, version, file, `round${round}`],
          (round * 97 + scorer * 41) % LONGEST_RUN_MS,
        ),
      );
      answered.push(...(await Promise.all(runs)).flat());
    }
    const last = createInstance(on, { champion, settings, journal });
    const inDoubt = await on.store.unfinished(0, 1_000);
    while ((await last.sweep()).finished > 0);
    expect(await on.store.unfinished(0, 1_000)).toEqual([]);

    const records = readJournalFile(file);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1));
    const decisions = records.filter((record): record is DecisionRecord => record.type === 'decision');
    const places = new Map(decisions.map(({ seq, transaction }) => [transaction.transactionId, seq]));
    expect(places.size).toBe(decisions.length);
    for (const line of answered) {
      const [seq, id] = line.split(' ');
      expect(places.get(id!)).toBe(Number(seq));
    }
    const parity = createParityCheck({
      fold: createFold(createFeatureEngine(settings)),
      championOf: () => Promise.resolve(champion),
    });
    for (const record of records) expect(await parity.check(record)).toBeUndefined();
    expect(answered.length).toBeGreaterThan(ROUNDS * SCORERS);
    expect(inDoubt.length).toBeGreaterThan(0); // or the kills came at the wrong moments
    await on.close();
  });
}
