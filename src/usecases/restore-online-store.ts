/** Rebuilds the shared store from the journal: profiles, answered ids, labels, tables, versions; then opens it. */
import { SentinelError } from '../domain/errors.ts';
import { type Label } from '../domain/label.ts';
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import { historyHead } from '../features/entity-history.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type DecisionRecord, type JournalRecord, type LabelRecord } from '../journal/record.ts';
import { type Placed } from '../ports/online-store.ts';
import { type TakeOver } from '../ports/shared-journal.ts';
import { type AnsweredPayment, type Restoration, type SharedState } from '../ports/shared-state.ts';
import { type Fold } from './fold.ts';

/** Written at a time. */
const BATCH = 500;
/** An older answer is asked for by nobody who still waits for one. */
const ID_WINDOW_MS = 7 * DAY_MS;

export interface RestoreReport {
  readonly records: number;
  readonly entities: number;
  /** False when another instance has begun to restore since. */
  readonly opened: boolean;
}

export interface RestoreDeps {
  readonly state: SharedState;
  readonly fold: Fold;
  readonly codec: ClaimCodec;
  readonly idWindowMs?: number;
  /** Awaited between the steps; what it rejects with ends the restoration. */
  readonly onStep?: () => Promise<void>;
}

/**
 * Restores what the journal says, which it takes over for the store's new epoch; `fold` is empty or holds a snapshot. Of
 * records that are in the snapshot only the ids are taken. Called by the one instance that leads, while the store says
 * that it is to be restored.
 */
export async function restoreOnlineStore(deps: RestoreDeps, takeOver: TakeOver): Promise<RestoreReport> {
  const { state, fold, codec, idWindowMs = ID_WINDOW_MS, onStep = () => Promise.resolve() } = deps;
  const restoration = await state.restore();
  const records = takeOver(restoration.epoch, (highest) => state.restore(highest));
  const placedOf = (record: JournalRecord): Placed => ({
    seq: record.seq,
    arrivalMs: record.arrivalMs,
    frame: codec.encodeRecord(record, 0),
  });
  /** Records that may be asked for again. */
  let known: (DecisionRecord | LabelRecord)[] = [];
  let count = 0;
  const writeKnown = async (): Promise<void> => {
    const newestMs = known.at(-1)?.arrivalMs ?? 0;
    const young = known.filter(({ arrivalMs }) => arrivalMs > newestMs - idWindowMs);
    known = [];
    await restoration.answered(young.flatMap((record) => (record.type === 'decision' ? [answeredOf(record)] : [])));
    await restoration.messages(
      young.flatMap((record) =>
        record.type === 'label' && record.message !== undefined
          ? [{ message: record.message, arrivalMs: record.arrivalMs }]
          : [],
      ),
    );
  };
  for await (const batch of records) {
    await onStep();
    for (const record of batch) {
      if (record.seq > fold.position().seq) fold.apply(record);
      if (record.type === 'decision' || record.type === 'label') known.push(record);
    }
    count += batch.length;
    if (known.length >= BATCH) await writeKnown();
  }
  await writeKnown();
  const { tables } = fold.engine;
  if (tables.version > 0) {
    await restoration.tables(tables.version, placedOf({ type: 'tables', seq: fold.position().seq, ...tables }));
  }
  for (const [subject, version] of fold.versions()) await restoration.inForce(subject, version);
  await writeLabels(fold, restoration, placedOf, onStep);
  const entities = await writeProfiles(fold, restoration, onStep);
  return { records: count, entities, opened: await restoration.open(fold.position(), fold.engine.tablesVersion) };
}

function answeredOf({ seq, arrivalMs, requestHash, transaction, message }: DecisionRecord): AnsweredPayment {
  const { transactionId } = transaction;
  return { transactionId, requestHash, place: { seq, arrivalMs }, ...(message !== undefined && { message }) };
}

/**
 * The role of the instance that restores, and how long it is held without a sign of life. One that is only slow and loses
 * it does no harm: the next one begins an epoch behind its own.
 */
const ROLE = 'restore';
const ROLE_MS = 10 * SECOND_MS;

/**
 * Restores the store if it says that it must be, and if no other instance is at it: 'elsewhere' means ask again soon.
 * Rejects when the role was lost on the way.
 */
export async function restoreWhenNeeded(
  deps: Omit<RestoreDeps, 'onStep'> & { readonly owner: string },
  takeOver: TakeOver,
): Promise<'open' | 'elsewhere' | RestoreReport> {
  const { state, owner } = deps;
  if ((await state.status()) === 'open') return 'open';
  const leads = async (): Promise<boolean> => (await state.lead(ROLE, owner, ROLE_MS)) !== undefined;
  if (!(await leads())) return 'elsewhere';
  const onStep = async (): Promise<void> => {
    if (!(await leads())) throw new SentinelError('NOT_READY', { reason: 'another instance restores the profiles' });
  };
  return restoreOnlineStore({ ...deps, onStep }, takeOver);
}

async function writeProfiles(fold: Fold, restoration: Restoration, onStep: () => Promise<void>): Promise<number> {
  let batch: { key: Uint8Array; history: Uint8Array }[] = [];
  let entities = 0;
  const write = async (): Promise<void> => {
    entities += batch.length;
    await onStep();
    await restoration.histories(batch);
    batch = [];
  };
  for (const { key, image } of fold.engine.images()) {
    batch.push({ key, history: historyHead(0, image) });
    if (batch.length >= BATCH) await write();
  }
  await write();
  return entities;
}

async function writeLabels(
  fold: Fold,
  restoration: Restoration,
  placedOf: (record: JournalRecord) => Placed,
  onStep: () => Promise<void>,
): Promise<void> {
  const { seq } = fold.position();
  const { inForce, waiting } = fold.labels();
  const asPlaced = (label: Label): Placed => placedOf({ type: 'label', seq, arrivalMs: label.arrivalMs, label });
  const ids = [...new Set([...inForce.keys(), ...waiting.keys()])];
  for (let at = 0; at < ids.length; at += BATCH) {
    await onStep();
    await restoration.labels(
      ids.slice(at, at + BATCH).map((transactionId) => {
        const label = inForce.get(transactionId);
        const those = (waiting.get(transactionId) ?? []).map(asPlaced);
        return { transactionId, waiting: those, ...(label !== undefined && { inForce: asPlaced(label) }) };
      }),
    );
  }
}
