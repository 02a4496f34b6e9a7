/** A label record's body as bytes. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { LABEL_SOURCES, type Label, type PaymentReference } from '../domain/label.ts';
import { type LabelRecord } from './record.ts';
import { type ByteReader, type ByteWriter, putF64, putText, putU8, takeF64, takeText, takeU8 } from './bytes.ts';
import { putOptionalText } from './transaction-bytes.ts';

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

const PAYMENT = 1;
const PREVIOUS = 1 << 1;
const MESSAGE = 1 << 2;

const FRAUD = 1;
const CAMPAIGN = 1 << 1;

/** Bit `i` of a payment's mask stands for ENTITY_KINDS[i]; the rest follow. */
const LOCATION_COUNTRY = 1 << ENTITY_KINDS.length;
const DEVICE_TYPE = LOCATION_COUNTRY << 1;
const BLOCKED = LOCATION_COUNTRY << 2;

export function putLabelRecord(writer: ByteWriter, record: Omit<LabelRecord, 'seq'>): void {
  putU8(
    writer,
    (record.payment === undefined ? 0 : PAYMENT) |
      (record.previous === undefined ? 0 : PREVIOUS) |
      (record.message === undefined ? 0 : MESSAGE),
  );
  putLabel(writer, record.label);
  if (record.payment !== undefined) putPayment(writer, record.payment);
  if (record.previous !== undefined) putLabel(writer, record.previous);
  if (record.message !== undefined) putText(writer, record.message);
}

export function takeLabelRecord(reader: ByteReader, seq: number, arrivalMs: number): LabelRecord {
  const mask = takeU8(reader);
  const record: Writable<LabelRecord> = { type: 'label', seq, arrivalMs, label: takeLabel(reader) };
  if ((mask & PAYMENT) !== 0) record.payment = takePayment(reader);
  if ((mask & PREVIOUS) !== 0) record.previous = takeLabel(reader);
  if ((mask & MESSAGE) !== 0) record.message = takeText(reader);
  return record;
}

function putLabel(writer: ByteWriter, label: Label): void {
  putU8(writer, (label.isFraud ? FRAUD : 0) | (label.campaign === undefined ? 0 : CAMPAIGN));
  putU8(writer, LABEL_SOURCES.indexOf(label.source));
  putText(writer, label.transactionId);
  putF64(writer, label.arrivalMs);
  if (label.campaign !== undefined) putText(writer, label.campaign);
}

function takeLabel(reader: ByteReader): Label {
  const mask = takeU8(reader);
  const source = LABEL_SOURCES[takeU8(reader)];
  if (source === undefined) throw new RangeError('unknown label source');
  const label = {
    transactionId: takeText(reader),
    isFraud: (mask & FRAUD) !== 0,
    source,
    arrivalMs: takeF64(reader),
  };
  return (mask & CAMPAIGN) === 0 ? label : { ...label, campaign: takeText(reader) };
}

function putPayment(writer: ByteWriter, payment: PaymentReference): void {
  const maskAt = writer.at;
  putU8(writer, 0);
  putF64(writer, payment.seq);
  putF64(writer, payment.eventTimeMs);
  putF64(writer, payment.amountBaseMinor);
  putText(writer, payment.merchantCategory);
  let mask = payment.blocked ? BLOCKED : 0;
  ENTITY_KINDS.forEach((kind, index) => {
    mask |= putOptionalText(writer, payment.entities[kind], 1 << index);
  });
  mask |= putOptionalText(writer, payment.locationCountry, LOCATION_COUNTRY);
  mask |= putOptionalText(writer, payment.deviceType, DEVICE_TYPE);
  writer.view.setUint8(maskAt, mask);
}

function takePayment(reader: ByteReader): PaymentReference {
  const mask = takeU8(reader);
  const seq = takeF64(reader);
  const eventTimeMs = takeF64(reader);
  const amountBaseMinor = takeF64(reader);
  const merchantCategory = takeText(reader);
  const entities: Partial<Record<EntityKind, string>> = {};
  ENTITY_KINDS.forEach((kind, index) => {
    if ((mask & (1 << index)) !== 0) entities[kind] = takeText(reader);
  });
  const payment: Writable<PaymentReference> = {
    seq,
    eventTimeMs,
    amountBaseMinor,
    entities,
    merchantCategory,
    blocked: (mask & BLOCKED) !== 0,
  };
  if ((mask & LOCATION_COUNTRY) !== 0) payment.locationCountry = takeText(reader);
  if ((mask & DEVICE_TYPE) !== 0) payment.deviceType = takeText(reader);
  return payment;
}
