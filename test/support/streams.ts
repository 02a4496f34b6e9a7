/** Messages for the handlers of the stream, and an instance’s handlers. */
import { createPanTokeniser, hashRequest } from '../../src/access/pan-token.ts';
import { raisesAlert } from '../../src/decisions/decide.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { type StreamHandler, type StreamMessage } from '../../src/ports/transaction-stream.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { createDecisionEncoder } from '../../src/wire/decision.ts';
import { createPaymentDecoder } from '../../src/wire/payment.ts';
import { createLabelHandler } from '../../src/worker/label-handler.ts';
import { createPaymentHandler } from '../../src/worker/payment-handler.ts';
import { type Instance } from './shared-instances.ts';

export const decoder = createPaymentDecoder({
  tokenise: createPanTokeniser(Buffer.alloc(32, 1), '1'),
  hash: hashRequest,
});

export function handlersOf(
  { scoring, labels, store, state }: Instance,
  champion: Champion,
): { readonly payments: StreamHandler; readonly labels: StreamHandler; readonly unconfirmed: unknown[] } {
  const unconfirmed: unknown[] = [];
  const common = {
    async confirmEpoch(epoch: number) {
      if ((await state.status()) !== 'open' || store.epoch() !== epoch) throw new SentinelError('NOT_READY', { reason: 'restored' });
    },
    onUnconfirmed: (error: unknown) => void unconfirmed.push(error),
  }; // prettier-ignore
  return {
    unconfirmed,
    payments: createPaymentHandler({
      ...common,
      scoring,
      decoder,
      encode: createDecisionEncoder([champion.catalogue]),
      isAlert: ({ outcome, probability, fallbackCause }) =>
        raisesAlert(outcome, fallbackCause === undefined ? probability : undefined, champion.policy),
    }),
    labels: createLabelHandler({ ...common, labels, protect: decoder.protect }),
  };
}

let nextOffset = 0;

/** A message at the next offset of partition 0; of text, of bytes, or of what is to be JSON. */
export function aMessage(body: unknown, overrides: Partial<StreamMessage> = {}): StreamMessage {
  const value = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { partition: 0, offset: nextOffset++, key: 'u1', value, timestampMs: 1_000, schemaVersion: '1', ...overrides };
}

export const aPayment = (id: string | undefined, overrides: object = {}): object => ({
  ...(id !== undefined && { transaction_id: id }),
  user_id: 'u1',
  amount: 25,
  currency: 'USD',
  merchant_id: 'm1',
  merchant_category: 'grocery',
  transaction_type: 'purchase',
  ...overrides,
});
