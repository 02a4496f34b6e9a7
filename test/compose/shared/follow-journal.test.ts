/** What the one that leads leaves behind when it cannot begin. */
import { expect, it } from 'vitest';
import { type SharedKafkaJournal } from '../../../src/adapters/kafka/shared-journal.ts';
import { createMemoryOnlineStore } from '../../../src/adapters/memory/online-store.ts';
import { createMemoryWorld } from '../../../src/adapters/memory/shared-world.ts';
import { PRIMITIVES } from '../../../src/adapters/system/byte-primitives.ts';
import { type FollowDeps, followJournal } from '../../../src/compose/shared/follow-journal.ts';
import { type SharedSnapshots } from '../../../src/compose/shared/snapshots.ts';
import { SentinelError } from '../../../src/domain/errors.ts';
import { DAY_MS } from '../../../src/domain/time.ts';
import { createClaimCodec } from '../../../src/journal/claim-bytes.ts';
import { type Snapshot } from '../../../src/ports/snapshot-store.ts';
import { SILENT } from '../../support/shared-worlds.ts';

const AWAY = new SentinelError('JOURNAL_UNAVAILABLE');

/** A leader whose journals are counted while they are open. */
function aLeader(parts: Pick<FollowDeps, 'openWriter'> & { snapshot?: Partial<Snapshot>; read?: () => never }) {
  const counts = { opened: 0, open: 0 };
  const journal = {
    head: () => ({ seq: 0, mac: '' }),
    read: parts.read,
    close() {
      counts.open -= 1;
      return Promise.resolve();
    },
  } as Partial<SharedKafkaJournal> as SharedKafkaJournal; // all that is asked of it before it is followed
  const begin = () =>
    followJournal({
      ...createMemoryOnlineStore(createMemoryWorld(Date.now)),
      codec: createClaimCodec(PRIMITIVES),
      settings: { catalogue: 'sentinel', labelDelayMs: 7 * DAY_MS, utcOffsetMinutes: 0, merchantWindows: 'tiles' },
      snapshots: { newest: () => Promise.resolve(parts.snapshot) } as Partial<SharedSnapshots> as SharedSnapshots,
      snapshotEveryRecords: 1_000,
      ledger: undefined,
      openJournal() {
        counts.opened += 1;
        counts.open += 1;
        return Promise.resolve(journal);
      },
      openWriter: parts.openWriter,
      seal: () => Promise.resolve(),
      trainingRuns: () => Promise.resolve([]),
      log: SILENT,
    });
  return { begin, counts };
}

it('is no journal that goes on being read, when it cannot be written', async () => {
  const { begin, counts } = aLeader({ openWriter: () => Promise.reject(AWAY) });
  await expect(begin()).rejects.toBe(AWAY);
  expect(counts).toEqual({ opened: 1, open: 0 });
});

it('nor when the record of the snapshot cannot be read', async () => {
  const place = JSON.stringify({ seq: 1, epoch: 1, offsets: [0], claims: [{ epoch: 1, after: 0 }] });
  const { begin, counts } = aLeader({
    openWriter: () => Promise.reject(new Error('not asked')),
    snapshot: { seq: 1, mac: '', place },
    read: () => {
      throw AWAY;
    },
  });
  await expect(begin()).rejects.toBe(AWAY);
  expect(counts).toEqual({ opened: 1, open: 0 });
});
