/** Several instances of the scoring service over one shared store and one journal, without HTTP. */
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { silentTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { createClaimCodec } from '../../src/journal/claim-bytes.ts';
import { type DecisionRecord, type JournalRecord } from '../../src/journal/record.ts';
import { type FeatureSettings } from '../../src/features/settings.ts';
import {
  createFinishUnconfirmed,
  type FinishDeps,
  type FinishedReport,
} from '../../src/usecases/finish-unconfirmed.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { type PlacedJournal } from '../../src/usecases/placed-journal.ts';
import { createSharedLabels, type SharedLabels } from '../../src/usecases/record-shared-label.ts';
import { createSharedScoring, type SharedScoring } from '../../src/usecases/score-shared-transaction.ts';
import { createSharedProfiles, type SharedProfiles } from '../../src/usecases/shared-profiles.ts';
import { type StoreInstance } from './shared-stores.ts';

export const codec = createClaimCodec(PRIMITIVES);

/** A journal for all instances: keeps the first record of each place. */
export interface SharedJournal extends PlacedJournal {
  records(): readonly JournalRecord[];
  /** All frames appended, repeated ones too. */
  readonly appended: JournalRecord[];
  /** Fails the next appends, before or after they are kept. */
  fail: 'no' | 'before' | 'after';
}

export function createSharedJournal(): SharedJournal {
  const kept = new Map<number, JournalRecord>();
  const appended: JournalRecord[] = [];
  const journal: SharedJournal = {
    fail: 'no',
    appended,
    async append(record) {
      await Promise.resolve();
      if (journal.fail === 'before') throw new SentinelError('JOURNAL_UNAVAILABLE');
      appended.push(record);
      if (!kept.has(record.seq)) kept.set(record.seq, codec.decodeRecord(codec.encodeRecord(record, record.seq)));
      if (journal.fail === 'after') throw new SentinelError('JOURNAL_UNAVAILABLE');
    },
    records: () => [...kept.values()].sort((a, b) => a.seq - b.seq),
  };
  return journal;
}

export interface Instance extends StoreInstance {
  readonly scoring: SharedScoring;
  readonly labels: SharedLabels;
  readonly profiles: SharedProfiles;
  readonly sweep: () => Promise<FinishedReport>;
}

export interface InstanceOptions {
  readonly champion: Champion;
  readonly settings: FeatureSettings;
  readonly journal: PlacedJournal & Partial<Pick<SharedJournal, 'records'>>;
  readonly deadlineMs?: number;
  readonly replicaEntities?: number;
  readonly finishedMessages?: FinishDeps['finishedMessages'];
}

const NONE: FinishDeps['finishedMessages'] = () => Promise.resolve(() => false);

let made = 0;

export function createInstance(on: StoreInstance, options: InstanceOptions): Instance {
  const { journal, champion, settings, deadlineMs = 10_000, replicaEntities = 100_000 } = options;
  const { store, state } = on;
  const findDecision = (id: string): Promise<DecisionRecord | undefined> =>
    Promise.resolve(
      journal
        .records?.()
        .find(
          (record): record is DecisionRecord => record.type === 'decision' && record.transaction.transactionId === id,
        ),
    );
  const profiles = createSharedProfiles({ store, state, codec, settings, replicaEntities });
  const common = { store, state, journal, codec, findDecision, telemetry: silentTelemetry };
  const labels = createSharedLabels(common);
  const scoring = createSharedScoring({
    ...common,
    profiles,
    champion: () => champion,
    championOf: ({ model }) => Promise.resolve(model === champion.scorer.version ? champion : undefined),
    bindLabels: labels.bind,
    clock: { nowMs: Date.now, monotonicUs: () => performance.now() * 1_000 },
    newId: () => `made-${++made}`,
    deadlineMs,
  });
  const finish = createFinishUnconfirmed({ ...common, scoring, labels, finishedMessages: options.finishedMessages ?? NONE }); // prettier-ignore
  return { ...on, scoring, labels, profiles, sweep: () => finish(0) };
}

/** A record without what a second computation does not reproduce. */
export function withoutDurations(record: JournalRecord): object {
  return record.type === 'decision' ? { ...record, durations: undefined } : record;
}
