/** Recomputes every decision of a journal from the records before it and names the first difference. */
import { type Arrival } from '../domain/transaction.ts';
import { type DecisionRecord, type JournalRecord, type PinnedVersions, type TablesRecord } from '../journal/record.ts';
import { lostThrough } from '../journal/lost-place.ts';
import { createTablesCheck } from './check-tables.ts';
import { type Fold } from './fold.ts';
import { type Champion, judge } from './judge.ts';

export interface Difference {
  readonly seq: number;
  readonly transactionId?: string;
  /** What differs: a field, or the name of a feature. */
  readonly field: string;
  readonly recorded: string;
  readonly recomputed: string;
}

export interface ParityReport {
  readonly records: number;
  readonly decisions: number;
  readonly features: number;
  /** Decisions given by the fallback: folded, their score has nothing to be compared with. */
  readonly fallbacks: number;
  /** Decisions that may have read a payment lost with a store: compared from their features on. */
  readonly besideLost: number;
  readonly differing: number;
  readonly first?: Difference;
  /** Versions named by records that are no longer to be had; their decisions were compared up to the features. */
  readonly missingVersions: readonly string[];
}

export interface ParityDeps {
  readonly fold: Fold;
  /** What decided under these versions; undefined when an artifact or policy is gone. */
  readonly championOf: (versions: PinnedVersions) => Promise<Champion | undefined>;
  /** Whether `fold`'s engine made this record; those of another one are folded and not compared. */
  readonly isConcerned?: (record: DecisionRecord | TablesRecord) => Promise<boolean>;
}

/** Bit-for-bit: distinguishes −0 from 0 and treats equal NaNs as equal. */
const same = (a: number, b: number): boolean => Object.is(a, b);

function compareArrays(
  recorded: Float64Array,
  recomputed: Float64Array,
  names: readonly string[],
  prefix: string,
): Omit<Difference, 'seq'> | undefined {
  if (recorded.length !== recomputed.length) {
    return { field: `${prefix}length`, recorded: String(recorded.length), recomputed: String(recomputed.length) };
  }
  for (let index = 0; index < recorded.length; index++) {
    if (!same(recorded[index]!, recomputed[index]!)) {
      return {
        field: prefix + (names[index] ?? index),
        recorded: String(recorded[index]),
        recomputed: String(recomputed[index]),
      };
    }
  }
  return undefined;
}

function compareJudgement(
  record: DecisionRecord,
  vector: Float64Array,
  champion: Champion,
  names: readonly string[],
): Omit<Difference, 'seq'> | undefined {
  const again = judge(vector, champion, record);
  for (const field of ['margin', 'probability', 'baseMargin'] as const) {
    if (!same(record[field], again[field])) {
      return { field, recorded: String(record[field]), recomputed: String(again[field]) };
    }
  }
  if (record.contributions !== undefined && again.contributions !== undefined) {
    const difference = compareArrays(record.contributions, again.contributions, names, 'contribution of ');
    if (difference !== undefined) return difference;
  }
  for (const field of ['outcome', 'riskLevel', 'rules', 'reasons'] as const) {
    const [recorded, recomputed] = [JSON.stringify(record[field]), JSON.stringify(again[field])];
    if (recorded !== recomputed) return { field, recorded, recomputed };
  }
  return undefined;
}

/** Folds `records` (in order, from the first) onto the empty `deps.fold`, comparing as it goes. */
export function createParityCheck(deps: ParityDeps): {
  check(record: JournalRecord): Promise<Difference | undefined>;
  report(): ParityReport;
} {
  const { fold } = deps;
  const { engine } = fold;
  const tables = createTablesCheck(engine);
  const names = engine.catalogue.features.map(({ name }) => name);
  const scratch = new Float64Array(names.length);
  const champions = new Map<string, Champion | undefined>();
  const missing = new Set<string>();
  const counts = { records: 0, decisions: 0, features: 0, fallbacks: 0, besideLost: 0, differing: 0 };
  /** The last decision that may have read a payment lost with a store. */
  let lostTo = 0;
  let first: Difference | undefined;

  const championOf = async (versions: PinnedVersions): Promise<Champion | undefined> => {
    const key = `${versions.model} ${versions.policy} ${versions.lists}`;
    if (!champions.has(key)) champions.set(key, await deps.championOf(versions));
    const champion = champions.get(key);
    if (champion === undefined) missing.add(key);
    return champion;
  };

  const checkDecision = async (record: DecisionRecord): Promise<Omit<Difference, 'seq'> | undefined> => {
    counts.decisions++;
    if (record.fallbackCause !== undefined) counts.fallbacks++;
    if (record.vector === undefined) return undefined;
    if (record.versions.catalogue !== engine.catalogue.hash) {
      return { field: 'catalogue', recorded: record.versions.catalogue, recomputed: engine.catalogue.hash };
    }
    const late = engine.read(record satisfies Arrival, scratch);
    counts.features += scratch.length;
    const isBesideLost = record.seq <= lostTo;
    if (isBesideLost) counts.besideLost++;
    const difference = isBesideLost ? undefined : compareArrays(record.vector, scratch, names, '');
    if (difference !== undefined) return difference;
    if (late !== record.late) return { field: 'late', recorded: String(record.late), recomputed: String(late) };
    if (record.versions.tables !== engine.tablesVersion) {
      return { field: 'tables', recorded: String(record.versions.tables), recomputed: String(engine.tablesVersion) };
    }
    if (record.fallbackCause !== undefined) return undefined;
    const champion = await championOf(record.versions);
    return champion === undefined
      ? undefined
      : compareJudgement(record, isBesideLost ? record.vector : scratch.slice(), champion, names);
  };

  const checkTables = (record: TablesRecord): Omit<Difference, 'seq'> | undefined => {
    const difference = tables.differenceIn(record);
    return difference && { field: 'tables', ...difference };
  };

  return {
    async check(record) {
      counts.records++;
      let found: Omit<Difference, 'seq'> | undefined;
      tables.before(record);
      if (record.type === 'decision' || record.type === 'tables') {
        const isConcerned = (await deps.isConcerned?.(record)) ?? true;
        if (isConcerned) found = record.type === 'decision' ? await checkDecision(record) : checkTables(record);
      }
      lostTo = Math.max(lostTo, lostThrough(record) ?? 0);
      fold.apply(record);
      if (found === undefined) return undefined;
      counts.differing++;
      const difference: Difference = {
        seq: record.seq,
        ...(record.type === 'decision' && { transactionId: record.transaction.transactionId }),
        ...found,
      };
      first ??= difference;
      return difference;
    },
    report: () => ({ ...counts, ...(first !== undefined && { first }), missingVersions: [...missing] }),
  };
}
