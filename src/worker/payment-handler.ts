/** Payments that come as messages → their decisions, alerts and records. */
import { type StreamHandler, type StreamMessage, type StreamSend } from '../ports/transaction-stream.ts';
import { type Begun, type SharedScoring } from '../usecases/score-shared-transaction.ts';
import { type DecisionEncoder } from '../wire/decision.ts';
import { readJson } from '../wire/json-body.ts';
import { type PaymentDecoder } from '../wire/payment.ts';
import { type BatchDeps, type BegunMessage, requireKnownForm, together } from './batch.ts';

export interface PaymentHandlerDeps extends BatchDeps {
  readonly scoring: Pick<SharedScoring, 'begin'>;
  readonly decoder: PaymentDecoder;
  readonly encode: DecisionEncoder;
  /** Whether the decision is to be told as an alert. */
  readonly isAlert: (decision: Awaited<ReturnType<Begun['decision']>>) => boolean;
}

/**
 * Claims go out in the order of the messages, so that payments of a user keep theirs; what was decided before, or is
 * decided with another message, is put on record as a repeat and sent nowhere.
 */
export function createPaymentHandler(deps: PaymentHandlerDeps): StreamHandler {
  const { scoring, decoder } = deps;

  const sendsOf = async (begun: Begun): Promise<readonly StreamSend[]> => {
    if (begun.isRepeat) return [];
    const decision = await begun.decision();
    const key = decision.transaction.userId;
    const value = deps.encode(decision, false);
    const send: StreamSend = { topic: 'decisions', key, value };
    return deps.isAlert(decision) ? [send, { topic: 'alerts', key, value }] : [send];
  };

  const begin = async (message: StreamMessage): Promise<BegunMessage> => {
    requireKnownForm(message);
    const { value, escaped } = readJson(
      Buffer.from(message.value.buffer, message.value.byteOffset, message.value.byteLength),
    );
    const request = decoder.decode(value, { prefix: '', escaped }, nameOf(message));
    const { partition, offset } = message;
    const begun = await scoring.begin(request, { partition, offset });
    return { record: begun.record, epoch: begun.epoch, confirm: begun.confirm, sends: await sendsOf(begun) };
  };

  return (messages) => together(messages.map(begin), deps);
}

/** The id of a payment that has none of its own: the same whenever the message comes, another in a topic made anew. */
const nameOf = ({ partition, offset, timestampMs }: StreamMessage): string =>
  `message-${partition}-${offset}-${timestampMs}`;
