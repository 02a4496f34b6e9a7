/** Labels where instances share everything: bound to their payment, ranked, and recorded, whichever instance they reach. */
import { SentinelError } from '../domain/errors.ts';
import { type Label, labelInForce, type PaymentReference, takesPlaceOf } from '../domain/label.ts';
import { AT_ARRIVAL, labelEvent } from '../features/entity-event.ts';
import { entityKey } from '../features/replica.ts';
import { ENTITY_KINDS } from '../domain/entity.ts';
import { type DecisionRecord, type LabelRecord, type Unplaced } from '../journal/record.ts';
import { type Placed } from '../ports/online-store.ts';
import { type LabelChange, type LabelState } from '../ports/shared-state.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { paymentReference } from './fold.ts';
import { appendInEpoch, type SharedWriter } from './placed-journal.ts';
import { type LabelReceipt, type LabelRequest, type RecordLabel } from './record-label.ts';

export interface SharedLabelDeps extends SharedWriter {
  readonly findDecision: (transactionId: string) => Promise<DecisionRecord | undefined>;
  readonly telemetry: Telemetry;
}

/** A label that has its place and is not on record yet. */
export interface BegunLabel {
  /** To be appended in `epoch`. */
  readonly record: LabelRecord;
  readonly epoch: number;
  readonly receipt: LabelReceipt;
  /** To be called once the record is durable. Rejects NOT_READY when it does not count, because the store was restored. */
  confirm(): Promise<void>;
}

export interface SharedLabels {
  readonly record: RecordLabel;
  /**
   * Gives a label its place; the caller appends the record and then confirms. One that came as a message has the same place
   * whenever the message comes that `message` names; undefined when it is known to be on record.
   */
  begin(request: LabelRequest, message?: string): Promise<BegunLabel | undefined>;
  /** Binds the labels that waited for this payment. */
  bind(decision: DecisionRecord): Promise<void>;
  /** The decision of a payment, from the store while it is kept there. */
  decisionOf(transactionId: string, state: LabelState): Promise<DecisionRecord | undefined>;
}

/** Another instance labelling the same payment at the same time is waited for so often. */
const ATTEMPTS = 16;

export function createSharedLabels(deps: SharedLabelDeps): SharedLabels {
  const { state, codec } = deps;

  const recordOf = (placed: Placed): LabelRecord => {
    const record = codec.decodePlaced(placed);
    if (record.type !== 'label') throw new SentinelError('INTERNAL');
    return record;
  };

  const labelOf = (placed: Placed): Label => recordOf(placed).label;

  const decisionOf = async (transactionId: string, given: LabelState): Promise<DecisionRecord | undefined> => {
    if (given.payment === 'pending') return undefined; // it binds what waits once it is answered
    const record = given.answer === undefined ? undefined : codec.decodeRecord(given.answer);
    const decision = record?.type === 'decision' ? record : await deps.findDecision(transactionId);
    if (decision === undefined && given.payment === 'answered') throw new SentinelError('JOURNAL_UNAVAILABLE');
    return decision;
  };

  /** The change that a label, come as `message`, makes to what is given. */
  const changeBy = (
    label: Label,
    message: string | undefined,
    payment: PaymentReference | undefined,
    given: LabelState,
  ): LabelChange => {
    const previous = given.inForce === undefined ? undefined : labelOf(given.inForce);
    const record: Unplaced<LabelRecord> = {
      type: 'label',
      arrivalMs: 0,
      label,
      ...(payment !== undefined && { payment }),
      ...(previous !== undefined && { previous }),
      ...(message !== undefined && { message }),
    };
    const event = payment === undefined ? undefined : labelEvent(label, previous, payment);
    const becomes = labelInForce(previous, label) === label ? 'in force' : 'nothing';
    return {
      transactionId: label.transactionId,
      given,
      frame: codec.encodeRecord(record, 0),
      becomes: payment === undefined ? 'waiting' : becomes,
      left: payment === undefined ? given.waiting.filter((each) => !takesPlaceOf(label, labelOf(each))) : given.waiting,
      ...(event !== undefined && { added: { event, keys: keysOf(payment!) } }),
    };
  };

  /** Undefined when something has changed since the labels were looked up. */
  const place = async (
    change: LabelChange,
  ): Promise<{ record: LabelRecord; epoch: number } | 'on record' | undefined> => {
    const epoch = deps.store.epoch();
    const found = await state.placeLabel(change);
    return typeof found === 'object' ? { record: recordOf(found), epoch } : found;
  };

  const begin: SharedLabels['begin'] = async (request, message) => {
    const { transactionId } = request;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const given = await state.labels(transactionId);
      const decision = await decisionOf(transactionId, given);
      const payment = decision === undefined ? undefined : paymentReference(decision);
      const change = changeBy({ ...request, arrivalMs: AT_ARRIVAL }, message, payment, given);
      const placed = await place(message === undefined ? change : { ...change, message });
      if (placed === undefined) continue;
      if (placed === 'on record') return undefined;
      const { record, epoch } = placed;
      const receipt: LabelReceipt = {
        transactionId,
        status: decision === undefined ? 'waiting' : 'recorded',
        inForce: labelInForce(
          given.waiting.map(labelOf).reduce<Label | undefined>(labelInForce, record.previous),
          record.label,
        ),
      };
      deps.telemetry.label(record.label.isFraud);
      return { record, epoch, receipt, confirm: () => deps.store.confirmPlaced(record.seq, epoch) };
    }
    throw new SentinelError('OVERLOADED');
  };

  return {
    decisionOf,
    begin,
    async record(request) {
      const { record, epoch, receipt, confirm } = (await begin(request))!; // it came as no message
      await deps.journal.append(record, epoch);
      await confirm();
      return receipt;
    },
    async bind(decision) {
      const { transactionId } = decision.transaction;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const given = await state.labels(transactionId);
        const [first, ...left] = given.waiting;
        if (first === undefined) return;
        // It keeps the name of its message: the record of its waiting may be lost with the store, this one stays.
        const { label, message } = recordOf(first);
        const placed = await place({ ...changeBy(label, message, paymentReference(decision), given), left });
        if (typeof placed === 'object') await appendInEpoch(deps, placed.record, placed.epoch);
      }
    },
  };
}

function keysOf({ entities }: PaymentReference): readonly Uint8Array[] {
  return ENTITY_KINDS.flatMap((kind) => {
    const id = entities[kind];
    return id === undefined ? [] : [entityKey(kind, id)];
  });
}
