import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';
import { OUTCOMES, RISK_LEVELS } from '../../src/domain/outcome.ts';
import {
  createMessageSender,
  type MessageSender,
  takeAnswer,
  takePayment,
} from '../../src/http-thread/payment-messages.ts';
import { type PaymentRequest } from '../../src/usecases/score-transaction.ts';
import { type Answer } from '../../src/wire/answer.ts';
import { anyTransaction } from '../support/record-arbitraries.ts';
import { aTransaction } from '../support/transactions.ts';

const HASH = '0123456789abcdef0123456789abcdef';

/** What the other end reads of the message that `say` sends, from the middle of other bytes. */
function read<T>(
  say: (sender: MessageSender) => void,
  take: (bytes: Uint8Array, view: DataView, start: number, end: number) => T,
): T {
  let message: T | undefined;
  const sender = createMessageSender((bytes, length) => {
    const around = new Uint8Array(length + 24).fill(255);
    around.set(bytes.subarray(0, length), 12);
    message = take(around, new DataView(around.buffer), 12, 12 + length);
  });
  say(sender);
  return message!;
}

describe('a payment on its way to the scoring thread', () => {
  it('arrives as it was sent, whatever is in it', () => {
    fc.assert(
      fc.property(anyTransaction, fc.nat(), (transaction, call) => {
        const payment: PaymentRequest = { transaction, requestHash: HASH };
        expect(read((sender) => sender.payment(call, payment), takePayment)).toEqual({ call, payment });
      }),
    );
  });

  it('lacks the id and the time that it was not sent with', () => {
    const { transactionId, eventTimeMs, ...rest } = aTransaction({ cardId: 'card_1' });
    for (const transaction of [rest, { ...rest, transactionId }, { ...rest, eventTimeMs }]) {
      const message = read((sender) => sender.payment(7, { transaction, requestHash: HASH }), takePayment);
      expect(message.payment.transaction).toEqual(transaction);
    }
  });

  it('may be longer than any before', () => {
    const attributes = Object.fromEntries(Array.from({ length: 512 }, (_, i) => [`name_${i}`, '\u2019'.repeat(512)]));
    const transaction = aTransaction({ attributes });
    const message = read((sender) => sender.payment(1, { transaction, requestHash: HASH }), takePayment);
    expect(message.payment.transaction).toEqual(transaction);
  });
});

describe('an answer on its way back', () => {
  const anyText = fc.string({ unit: 'binary' });
  const anyReason = fc.record(
    { feature: anyText, value: fc.oneof(fc.double(), anyText), contribution: fc.double(), text: anyText },
    { noNullPrototype: true },
  );
  const anyAnswer: fc.Arbitrary<Answer> = fc.record(
    {
      transactionId: anyText,
      probability: fc.double(),
      outcome: fc.constantFrom(...OUTCOMES),
      riskLevel: fc.constantFrom(...RISK_LEVELS),
      reasons: fc.array(anyReason),
      rules: fc.array(anyText),
      model: anyText,
      policy: anyText,
      totalUs: fc.double(),
      cached: fc.boolean(),
    },
    { noNullPrototype: true },
  );

  it('arrives as it was given', () => {
    fc.assert(
      fc.property(anyAnswer, fc.nat(), (answer, call) => {
        expect(read((sender) => sender.answer(call, answer), takeAnswer)).toEqual({ call, answer });
      }),
    );
  });

  it('may be an error, which keeps its code and details', () => {
    const error = new SentinelError('ID_REUSED', { id: 'payment-1' });
    const { answer } = read((sender) => sender.failure(3, error), takeAnswer);
    expect(answer).toBeInstanceOf(SentinelError);
    expect(answer).toMatchObject({ code: 'ID_REUSED', details: { id: 'payment-1' }, message: error.message });
  });

  it('may be an error of ours, which keeps where it was thrown for the log', () => {
    const error = new TypeError('boom');
    const { answer } = read((sender) => sender.failure(3, error), takeAnswer);
    expect(answer).toMatchObject({ message: 'boom', stack: error.stack });
    expect(read((sender) => sender.failure(3, 'not an error'), takeAnswer).answer).toMatchObject({
      message: 'not an error',
    });
  });
});
