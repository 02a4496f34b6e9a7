/** A clean replay of the journal by seq: what each decision should have been, and what everybody's profile should be now. */
import { type Catalogue } from '../../../src/features/catalogue.ts';
import { createFeatureEngine } from '../../../src/features/engine.ts';
import { type FeatureSettings } from '../../../src/features/settings.ts';
import { type JournalRecord } from '../../../src/journal/record.ts';
import { createFold, type Fold } from '../../../src/usecases/fold.ts';
import { type Champion } from '../../../src/usecases/judge.ts';
import { createParityCheck } from '../../../src/usecases/verify-parity.ts';
import { createTally, type Finding } from './finding.ts';

export interface Replay {
  /** Recorded decisions against recomputed ones, bit for bit. */
  readonly parity: Finding;
  /** The fold behind the last record. */
  readonly fold: Fold;
  readonly catalogue: Catalogue;
}

export async function replay(
  records: readonly JournalRecord[],
  settings: FeatureSettings,
  champion: Champion,
): Promise<Replay> {
  const tally = createTally('decisions against a replay by seq');
  const engine = createFeatureEngine(settings);
  const fold = createFold(engine);
  const parity = createParityCheck({ fold, championOf: () => Promise.resolve(champion) });
  for (const record of records) {
    if (record.type === 'decision') tally.count(1);
    const difference = await parity.check(record);
    if (difference !== undefined) tally.differs(JSON.stringify(difference));
  }
  for (const versions of parity.report().missingVersions) tally.differs(`decided by ${versions}, which is not here`);
  return { parity: tally.finding(), fold, catalogue: engine.catalogue };
}
