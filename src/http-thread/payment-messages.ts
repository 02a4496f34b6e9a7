/**
 * Payments and their answers as bytes between the HTTP thread and the scoring thread.
 *
 *     offset  bytes  field (little-endian)
 *          0      4  number of the call
 *          4      1  kind, a place in KINDS
 *          5      1  flags
 *          6      1  bytes a character of the text area, 1 or 2
 *          7      1  zero
 *          8      4  where the text area begins, from the start of the message
 *         12      …  numbers; then the text area, which ends with the message
 */
import { PRIMITIVES } from '../adapters/system/byte-primitives.ts';
import { errorOf, type Failure, failureOf } from '../adapters/system/failure.ts';
import { OUTCOMES, RISK_LEVELS } from '../domain/outcome.ts';
import {
  type ByteReader,
  type ByteWriter,
  createByteWriter,
  putCount,
  putF64,
  putText,
  putTextArea,
  putU8,
  takeCount,
  takeF64,
  takeText,
  takeU8,
} from '../journal/bytes.ts';
import { putHash, takeHash } from '../journal/hash-bytes.ts';
import { putTransaction, takeTransaction } from '../journal/transaction-bytes.ts';
import { completeTransaction, isComplete, type SentTransaction } from '../usecases/complete-transaction.ts';
import { type PaymentRequest } from '../usecases/score-transaction.ts';
import { type Answer, type AnswerReason } from '../wire/answer.ts';

const KINDS = ['payment', 'answer', 'failure'] as const;
type Kind = (typeof KINDS)[number];

const HEADER_BYTES = 12;
/** Flags of a payment. */
const HAS_ID = 1;
const HAS_TIME = 2;
/** Flag of an answer. */
const IS_CACHED = 1;
/** What comes behind the name of a feature: its value. */
const [NUMBER, TEXT] = [0, 1];
/** A longer message takes larger bytes, which are kept. */
const FIRST_BYTES = 64 * 1024;

export interface MessageSender {
  payment(call: number, payment: PaymentRequest): void;
  answer(call: number, answer: Answer): void;
  failure(call: number, error: unknown): void;
}

/** Encodes one message after the other into the same bytes and sends bytes[0, length). */
export function createMessageSender(send: (bytes: Uint8Array, length: number) => void): MessageSender {
  let writer = createByteWriter(new Uint8Array(FIRST_BYTES));

  const fits = (call: number, kind: Kind, putBody: (to: ByteWriter) => number): boolean => {
    try {
      writer.at = HEADER_BYTES;
      writer.text = '';
      const flags = putBody(writer);
      const textAt = writer.at;
      const width = putTextArea(writer, PRIMITIVES.putCharacters);
      writer.view.setUint32(0, call, true);
      writer.view.setUint32(4, KINDS.indexOf(kind) | (flags << 8) | (width << 16), true);
      writer.view.setUint32(8, textAt, true);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  };

  const put = (call: number, kind: Kind, putBody: (to: ByteWriter) => number): void => {
    while (!fits(call, kind, putBody)) writer = createByteWriter(new Uint8Array(2 * writer.bytes.length));
    send(writer.bytes, writer.at);
  };

  return {
    payment: (call, { transaction, requestHash }) =>
      put(call, 'payment', (to) => {
        const { transactionId = '', eventTimeMs = 0 } = transaction;
        putHash(to, requestHash);
        putTransaction(
          to,
          isComplete(transaction) ? transaction : completeTransaction(transaction, transactionId, eventTimeMs),
        );
        const hasTime = transaction.eventTimeMs !== undefined;
        return (transaction.transactionId === undefined ? 0 : HAS_ID) | (hasTime ? HAS_TIME : 0);
      }),
    answer: (call, answer) =>
      put(call, 'answer', (to) => {
        putAnswer(to, answer);
        return answer.cached ? IS_CACHED : 0;
      }),
    failure: (call, error) =>
      put(call, 'failure', (to) => {
        to.text = JSON.stringify(failureOf(error));
        return 0;
      }),
  };
}

export interface PaymentMessage {
  readonly call: number;
  readonly payment: PaymentRequest;
}

/** Reads the payment in bytes[start, end). */
export function takePayment(bytes: Uint8Array, view: DataView, start: number, end: number): PaymentMessage {
  const flags = view.getUint8(start + 5);
  const reader = readerOf(bytes, view, start, end);
  const requestHash = takeHash(reader);
  const transaction: { -readonly [Field in keyof SentTransaction]: SentTransaction[Field] } = takeTransaction(reader);
  if ((flags & HAS_ID) === 0) transaction.transactionId = undefined;
  if ((flags & HAS_TIME) === 0) transaction.eventTimeMs = undefined;
  return { call: view.getUint32(start, true), payment: { transaction, requestHash } };
}

export interface AnswerMessage {
  readonly call: number;
  /** An error says why there is no answer. */
  readonly answer: Answer | Error;
}

/** Reads the answer or the failure in bytes[start, end). */
export function takeAnswer(bytes: Uint8Array, view: DataView, start: number, end: number): AnswerMessage {
  const reader = readerOf(bytes, view, start, end);
  const call = view.getUint32(start, true);
  if (KINDS[view.getUint8(start + 4)] === 'failure') {
    return { call, answer: errorOf(JSON.parse(reader.text) as Failure) }; // written by a sender
  }
  return { call, answer: takeAnswerBody(reader, view.getUint8(start + 5) === IS_CACHED) };
}

function putAnswer(to: ByteWriter, answer: Answer): void {
  putText(to, answer.transactionId);
  putF64(to, answer.probability);
  putU8(to, OUTCOMES.indexOf(answer.outcome));
  putU8(to, RISK_LEVELS.indexOf(answer.riskLevel));
  putCount(to, answer.reasons.length);
  for (const { feature, value, contribution, text } of answer.reasons) {
    putText(to, feature);
    if (typeof value === 'number') {
      putU8(to, NUMBER);
      putF64(to, value);
    } else {
      putU8(to, TEXT);
      putText(to, value);
    }
    putF64(to, contribution);
    putText(to, text);
  }
  putCount(to, answer.rules.length);
  for (const rule of answer.rules) putText(to, rule);
  putText(to, answer.model);
  putText(to, answer.policy);
  putF64(to, answer.totalUs);
}

/** Members in the order they were put. */
function takeAnswerBody(from: ByteReader, cached: boolean): Answer {
  return {
    transactionId: takeText(from),
    probability: takeF64(from),
    outcome: OUTCOMES[takeU8(from)]!,
    riskLevel: RISK_LEVELS[takeU8(from)]!,
    reasons: takeList(from, takeReason),
    rules: takeList(from, takeText),
    model: takeText(from),
    policy: takeText(from),
    totalUs: takeF64(from),
    cached,
  };
}

function takeReason(from: ByteReader): AnswerReason {
  return {
    feature: takeText(from),
    value: takeU8(from) === NUMBER ? takeF64(from) : takeText(from),
    contribution: takeF64(from),
    text: takeText(from),
  };
}

function takeList<T>(from: ByteReader, take: (from: ByteReader) => T): T[] {
  const items: T[] = [];
  for (let left = takeCount(from); left > 0; left -= 1) items.push(take(from));
  return items;
}

function readerOf(bytes: Uint8Array, view: DataView, start: number, end: number): ByteReader {
  const width = view.getUint8(start + 6) === 1 ? 1 : 2;
  const text = PRIMITIVES.takeCharacters(bytes, start + view.getUint32(start + 8, true), end, width);
  return { bytes, view, at: start + HEADER_BYTES, text, textAt: 0 };
}
