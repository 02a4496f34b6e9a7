/** A decision record's body as bytes. */
import { OUTCOMES, RISK_LEVELS } from '../domain/outcome.ts';
import { type DecisionRecord, type PinnedVersions, type RecordedReason } from './record.ts';
import {
  type ByteReader,
  type ByteWriter,
  putCount,
  putF64,
  putText,
  putU32,
  putU8,
  takeCount,
  takeF64,
  takeText,
  takeU32,
  takeU8,
} from './bytes.ts';
import { putFloats, takeFloats } from './floats.ts';
import { putHash, takeHash } from './hash-bytes.ts';
import { putMessagePlace, takeMessagePlace } from './message-place-bytes.ts';
import { putTransaction, takeTransaction } from './transaction-bytes.ts';

type Writable = { -readonly [Field in keyof DecisionRecord]: DecisionRecord[Field] };

const VECTOR = 1;
const CONTRIBUTIONS = 1 << 1;
const FALLBACK_CAUSE = 1 << 2;
const LATE = 1 << 3;
const MESSAGE = 1 << 4;

/** The request hash lies at a fixed place, before all else. */
export function putDecision(writer: ByteWriter, record: Omit<DecisionRecord, 'seq'>): void {
  const { versions, durations } = record;
  putHash(writer, record.requestHash);
  putTransaction(writer, record.transaction);
  putU8(
    writer,
    (record.vector === undefined ? 0 : VECTOR) |
      (record.contributions === undefined ? 0 : CONTRIBUTIONS) |
      (record.fallbackCause === undefined ? 0 : FALLBACK_CAUSE) |
      (record.late ? LATE : 0) |
      (record.message === undefined ? 0 : MESSAGE),
  );
  putU8(writer, OUTCOMES.indexOf(record.outcome));
  putU8(writer, RISK_LEVELS.indexOf(record.riskLevel));
  putF64(writer, record.amountBaseMinor);
  putText(writer, versions.model);
  putText(writer, versions.policy);
  putText(writer, versions.lists);
  putText(writer, versions.catalogue);
  putF64(writer, versions.tables);
  putF64(writer, record.margin);
  putF64(writer, record.probability);
  putF64(writer, record.baseMargin);
  putF64(writer, durations.featuresUs);
  putF64(writer, durations.scoreUs);
  putF64(writer, durations.totalUs);
  putCount(writer, record.reasons.length);
  for (const reason of record.reasons) {
    putU32(writer, reason.feature);
    putText(writer, reason.text);
  }
  putCount(writer, record.rules.length);
  for (const rule of record.rules) putText(writer, rule);
  if (record.fallbackCause !== undefined) putText(writer, record.fallbackCause);
  if (record.vector !== undefined) putFloats(writer, record.vector);
  if (record.contributions !== undefined) putFloats(writer, record.contributions);
  if (record.message !== undefined) putMessagePlace(writer, record.message);
}

export function takeDecision(reader: ByteReader, seq: number, arrivalMs: number): DecisionRecord {
  const requestHash = takeHash(reader);
  const transaction = takeTransaction(reader);
  const flags = takeU8(reader);
  const outcome = OUTCOMES[takeU8(reader)];
  const riskLevel = RISK_LEVELS[takeU8(reader)];
  if (outcome === undefined || riskLevel === undefined) throw new RangeError('unknown outcome or risk level');
  const record: Writable = {
    type: 'decision',
    seq,
    arrivalMs,
    transaction,
    amountBaseMinor: takeF64(reader),
    requestHash,
    versions: takeVersions(reader),
    margin: takeF64(reader),
    probability: takeF64(reader),
    baseMargin: takeF64(reader),
    durations: { featuresUs: takeF64(reader), scoreUs: takeF64(reader), totalUs: takeF64(reader) },
    reasons: takeReasons(reader),
    rules: takeRules(reader),
    outcome,
    riskLevel,
    late: (flags & LATE) !== 0,
  };
  if ((flags & FALLBACK_CAUSE) !== 0) record.fallbackCause = takeText(reader);
  if ((flags & VECTOR) !== 0) record.vector = takeFloats(reader);
  if ((flags & CONTRIBUTIONS) !== 0) record.contributions = takeFloats(reader);
  if ((flags & MESSAGE) !== 0) record.message = takeMessagePlace(reader);
  return record;
}

function takeVersions(reader: ByteReader): PinnedVersions {
  const model = takeText(reader);
  const policy = takeText(reader);
  const lists = takeText(reader);
  const catalogue = takeText(reader);
  return { model, policy, lists, tables: takeF64(reader), catalogue };
}

function takeReasons(reader: ByteReader): RecordedReason[] {
  const reasons: RecordedReason[] = [];
  for (let left = takeCount(reader); left > 0; left -= 1) {
    reasons.push({ feature: takeU32(reader), text: takeText(reader) });
  }
  return reasons;
}

function takeRules(reader: ByteReader): string[] {
  const rules: string[] = [];
  for (let left = takeCount(reader); left > 0; left -= 1) rules.push(takeText(reader));
  return rules;
}
