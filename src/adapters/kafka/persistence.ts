/** Messages handled however often it takes: together, alone when one of them fails, and again while something is out of order. */
import { SentinelError } from '../../domain/errors.ts';
import { type HandledMessages, type StreamHandler, type StreamMessage } from '../../ports/transaction-stream.ts';
import { afterFailure, type Circuit, WHOLE } from './circuit.ts';

export interface PersistenceOptions {
  /** Waits; rejects when there is no use in going on. */
  readonly pause: (ms: number) => Promise<void>;
  /** How the handler fares; `error` when it failed. */
  readonly onCircuit: (circuit: Circuit, error?: unknown) => void;
}

/** Attempts with a message alone before it is dead. */
const ATTEMPTS = 3;

const isOutage = (error: unknown): boolean => error instanceof SentinelError && error.kind === 'unavailable';

export async function handlePersistently(
  handler: StreamHandler,
  messages: readonly StreamMessage[],
  options: PersistenceOptions,
): Promise<HandledMessages> {
  let circuit = WHOLE;
  for (let failures = 0; ;) {
    try {
      const handled = await handler(messages);
      if (handled.outcomes.length !== messages.length) throw new Error('the handler did not answer for every message');
      options.onCircuit(WHOLE);
      return handled;
    } catch (error) {
      if (isOutage(error)) {
        circuit = afterFailure(circuit);
        options.onCircuit(circuit, error);
        await options.pause(circuit.waitMs);
        continue;
      }
      if (messages.length > 1) {
        const each: HandledMessages[] = [];
        for (const message of messages) each.push(await handlePersistently(handler, [message], options));
        return together(each);
      }
      failures += 1;
      if (failures === ATTEMPTS) return dead(String(error));
    }
  }
}

function dead(error: string): HandledMessages {
  return {
    epoch: 0,
    outcomes: [{ kind: 'dead', reason: 'handler', error }],
    check: () => Promise.resolve(),
    committed: () => Promise.resolve(),
  };
}

/** Throws NOT_READY when some count in one epoch and some in another: then all are to be handled again. */
function together(all: readonly HandledMessages[]): HandledMessages {
  const withRecords = all.filter(({ outcomes }) => outcomes.some((each) => each.kind === 'handled' && each.records.length > 0)); // prettier-ignore
  const epoch = withRecords[0]?.epoch ?? 0;
  if (withRecords.some((each) => each.epoch !== epoch)) {
    throw new SentinelError('NOT_READY', { reason: 'profiles were restored while the messages were under way' });
  }
  return {
    epoch,
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    check: async () => void (await Promise.all(all.map((each) => each.check()))),
    committed: async () => void (await Promise.all(all.map((each) => each.committed()))),
  };
}
