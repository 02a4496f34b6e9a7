/** Labels that come as messages → their records. */
import { type StreamHandler, type StreamMessage } from '../ports/transaction-stream.ts';
import { createInTurn } from '../usecases/in-turn.ts';
import { type LabelRequest } from '../usecases/record-label.ts';
import { type SharedLabels } from '../usecases/record-shared-label.ts';
import { readJson } from '../wire/json-body.ts';
import { readLabel } from '../wire/label.ts';
import { type PaymentDecoder } from '../wire/payment.ts';
import { type BatchDeps, type BegunMessage, requireKnownForm, together } from './batch.ts';

export interface LabelHandlerDeps extends BatchDeps {
  readonly labels: Pick<SharedLabels, 'begin'>;
  readonly protect: PaymentDecoder['protect'];
}

/** Labels of one payment are begun one after the other, so that the latest is the last of them. */
export function createLabelHandler(deps: LabelHandlerDeps): StreamHandler {
  const decode = (message: StreamMessage): LabelRequest => {
    requireKnownForm(message);
    const { value } = readJson(Buffer.from(message.value));
    return readLabel(value, '', deps.protect);
  };

  const begin = async (request: LabelRequest, message: StreamMessage): Promise<BegunMessage | undefined> => {
    const begun = await deps.labels.begin(request, nameOf(message));
    return begun && { record: begun.record, epoch: begun.epoch, confirm: begun.confirm, sends: [] };
  };

  return (messages) => {
    const inTurn = createInTurn({ goesOnAfterFailure: false });
    const begun = messages.map(async (message) => {
      const request = decode(message);
      return inTurn(request.transactionId, () => begin(request, message));
    });
    return together(begun, deps);
  };
}

/** The same whenever the message comes, another in a topic made anew. */
const nameOf = ({ partition, offset, timestampMs }: StreamMessage): string => `${partition}:${offset}:${timestampMs}`;
