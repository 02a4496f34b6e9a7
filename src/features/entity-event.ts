/** What happens to one entity, as the bytes its history is kept in between two images of its profile. */
import { type Label, labelInForce, type PaymentReference } from '../domain/label.ts';
import { LATENESS_BOUND_MS } from '../domain/time.ts';
import { type Entry } from './entries.ts';
import { type PaymentLanes } from './user-walk.ts';

/**
 * An event, little-endian: head (12 bytes) · kind u8 · what the kind says:
 *
 *     0 payment of a user      event time u48 (ARRIVAL: the head’s) · amount f64 · merchant, device, IP, context, place u32
 *     1 payment shared         event time u48 · amount f64 · user u32
 *     2 blocked                effective time u48 of the payment: it never turns genuine by silence
 *     3 first label            flags u8 · payment’s seq u48 · its effective time u48 · amount f64 · label’s arrival u48
 *     4 label turned           flags u8 · payment’s seq u48
 *
 * The head is put before an event by whoever gives it its place: seq u48 · arrival u48, epoch milliseconds. A payment
 * blocked has its payment’s.
 */
export const EVENT_HEAD_BYTES = 12;
const USER_PAYMENT = 0;
const SHARED_PAYMENT = 1;
const BLOCKED = 2;
const FIRST_LABEL = 3;
const LABEL_TURNED = 4;
/** Bytes behind the head, by kind. */
const BODY_BYTES = [35, 19, 7, 28, 8] as const;
/** Instead of a time: the arrival in the head. */
const ARRIVAL = 2 ** 48 - 1;
const IS_FRAUD = 1;
const WAS_BLOCKED = 2;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A time or place, 0 ≤ value < 2^48. */
export function putU48(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint16(at + 4, Math.floor(value / 2 ** 32), true);
}

export function takeU48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
}

/** What stands for the arrival, which is not known yet when an event is made. */
export const AT_ARRIVAL = Infinity;

/** Times before 1970 are all older than the lateness bound. */
const timeField = (timeMs: number): number => (timeMs < ARRIVAL ? Math.max(timeMs, 0) : ARRIVAL);

export const USER_PAYMENT_BYTES = BODY_BYTES[USER_PAYMENT];
export const SHARED_PAYMENT_BYTES = BODY_BYTES[SHARED_PAYMENT];

/** Writes the payment for its user's history at `at`; `eventTimeMs` may be AT_ARRIVAL. */
export function putUserPayment(
  view: DataView,
  at: number,
  eventTimeMs: number,
  amountMinor: number,
  lanes: PaymentLanes,
): void {
  putPayment(view, at, USER_PAYMENT, eventTimeMs, amountMinor);
  view.setUint32(at + 15, lanes.merchant, true);
  view.setUint32(at + 19, lanes.device, true);
  view.setUint32(at + 23, lanes.ip, true);
  view.setUint32(at + 27, lanes.context, true);
  view.setUint32(at + 31, lanes.place, true);
}

/** The same for the history of a card, device, IP or merchant. */
export function putSharedPayment(
  view: DataView,
  at: number,
  eventTimeMs: number,
  amountMinor: number,
  userLane: number,
): void {
  putPayment(view, at, SHARED_PAYMENT, eventTimeMs, amountMinor);
  view.setUint32(at + 15, userLane, true);
}

function putPayment(view: DataView, at: number, kind: number, eventTimeMs: number, amountMinor: number): void {
  view.setUint8(at, kind);
  putU48(view, at + 1, timeField(eventTimeMs));
  view.setFloat64(at + 7, amountMinor, true);
}

/** A payment that happened at `effectiveMs` was blocked. */
export function blockedEvent(effectiveMs: number): Uint8Array {
  const bytes = new Uint8Array(BODY_BYTES[BLOCKED]);
  bytes[0] = BLOCKED;
  putU48(viewOf(bytes), 1, effectiveMs);
  return bytes;
}

/**
 * What `label` changes where `previous` was in force; undefined when nothing. `label.arrivalMs` may be AT_ARRIVAL, which
 * is later than all before.
 */
export function labelEvent(
  label: Label,
  previous: Label | undefined,
  payment: PaymentReference,
): Uint8Array | undefined {
  const next = labelInForce(previous, label);
  if (previous !== undefined && previous.isFraud === next.isFraud) return undefined;
  const flags = (next.isFraud ? IS_FRAUD : 0) | (payment.blocked ? WAS_BLOCKED : 0);
  const kind = previous === undefined ? FIRST_LABEL : LABEL_TURNED;
  const bytes = new Uint8Array(BODY_BYTES[kind]);
  const view = viewOf(bytes);
  bytes[0] = kind;
  bytes[1] = flags;
  putU48(view, 2, payment.seq);
  if (kind === LABEL_TURNED) return bytes;
  putU48(view, 8, payment.eventTimeMs);
  view.setFloat64(14, payment.amountBaseMinor, true);
  putU48(view, 22, timeField(label.arrivalMs));
  return bytes;
}

/** What an event asks of the profile it belongs to. */
export interface EventTarget {
  payment(entry: Entry): void;
  blocked(effectiveMs: number): void;
  firstLabel(
    label: Pick<Label, 'arrivalMs' | 'isFraud'>,
    payment: Pick<PaymentReference, 'seq' | 'eventTimeMs' | 'amountBaseMinor' | 'blocked'>,
  ): void;
  labelTurned(paymentSeq: number, isFraud: boolean): void;
}

export interface EventReader {
  /** Tells `target` what the event says whose head is at `at`; returns where the next one begins. */
  read(view: DataView, at: number, target: EventTarget): number;
  /** The same for an event whose head is not before it yet. */
  readBody(view: DataView, at: number, arrivalMs: number, target: EventTarget): number;
}

/** `seq` of the event at `at`. */
export const seqOfEvent = (view: DataView, at: number): number => takeU48(view, at);

/** Bytes of the event at `at`, its head included. Throws when there is none. */
export function eventBytes(view: DataView, at: number): number {
  const length = at + EVENT_HEAD_BYTES < view.byteLength ? BODY_BYTES[view.getUint8(at + EVENT_HEAD_BYTES)] : undefined;
  if (length === undefined || at + EVENT_HEAD_BYTES + length > view.byteLength) throw new RangeError(`no event at byte ${at}`); // prettier-ignore
  return EVENT_HEAD_BYTES + length;
}

export function createEventReader(): EventReader {
  const entry: Entry = { timeMs: 0, amountMinor: 0, eligible: 1, lanes: new Uint32Array(5) };

  const readBody = (view: DataView, at: number, arrivalMs: number, target: EventTarget): number => {
    const kind = view.getUint8(at);
    const length = BODY_BYTES[kind];
    if (length === undefined || at + length > view.byteLength) throw new RangeError(`no event at byte ${at}`);
    const timeAt = (field: number): number => {
      const time = takeU48(view, at + field);
      return time === ARRIVAL ? arrivalMs : time;
    };
    if (kind === USER_PAYMENT || kind === SHARED_PAYMENT) {
      entry.timeMs = Math.max(timeAt(1), arrivalMs - LATENESS_BOUND_MS);
      entry.amountMinor = view.getFloat64(at + 7, true);
      const lanes = kind === USER_PAYMENT ? 5 : 1;
      for (let lane = 0; lane < lanes; lane++) entry.lanes[lane] = view.getUint32(at + 15 + lane * 4, true);
      target.payment(entry);
    } else if (kind === BLOCKED) target.blocked(takeU48(view, at + 1));
    else {
      const flags = view.getUint8(at + 1);
      const isFraud = (flags & IS_FRAUD) !== 0;
      const seq = takeU48(view, at + 2);
      if (kind === LABEL_TURNED) target.labelTurned(seq, isFraud);
      else {
        target.firstLabel(
          { arrivalMs: timeAt(22), isFraud },
          {
            seq,
            eventTimeMs: takeU48(view, at + 8),
            amountBaseMinor: view.getFloat64(at + 14, true),
            blocked: (flags & WAS_BLOCKED) !== 0,
          },
        );
      }
    }
    return at + length;
  };

  return {
    readBody,
    read: (view, at, target) => readBody(view, at + EVENT_HEAD_BYTES, takeU48(view, at + 6), target),
  };
}
