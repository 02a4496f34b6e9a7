/** Messages begun side by side, and their records, sends and confirmations put together. */
import { SentinelError } from '../domain/errors.ts';
import {
  type HandledMessages,
  type StreamMessage,
  type StreamOutcome,
  type StreamSend,
} from '../ports/transaction-stream.ts';
import { type BegunLabel } from '../usecases/record-shared-label.ts';
import { type Begun } from '../usecases/score-shared-transaction.ts';
import { quotableName } from '../wire/read-value.ts';

/** What a message has led to, not on record yet. */
export interface BegunMessage extends Pick<Begun, 'epoch'> {
  readonly record: Begun['record'] | BegunLabel['record'];
  readonly sends: readonly StreamSend[];
  /** To be called once the record is durable. */
  confirm(): Promise<unknown>;
}

export interface BatchDeps {
  /** Rejects NOT_READY when the epoch has ended; a record written before a call that resolves counts. */
  readonly confirmEpoch: (epoch: number) => Promise<void>;
  /** A confirmation failed; whoever finishes what is unconfirmed makes up for it. */
  readonly onUnconfirmed: (error: unknown) => void;
}

/** The newest form of messages that is understood. */
const SCHEMA_VERSION = 1;

/** Throws INVALID_REQUEST for a message written in a later form. */
export function requireKnownForm({ schemaVersion }: StreamMessage): void {
  if (Number(schemaVersion) === SCHEMA_VERSION) return;
  const problem = `expected ${SCHEMA_VERSION}, got ${JSON.stringify(quotableName(schemaVersion))}`;
  throw new SentinelError('INVALID_REQUEST', { field: 'schema-version', problem });
}

/** Nothing is left to be done for a message that resolves to undefined. */
const DONE: StreamOutcome = { kind: 'handled', sends: [], records: [] };

/**
 * Waits for all, so that nothing is still on its way when the messages come again. Rejects with the first error that is
 * not the message's own.
 */
export async function together(
  begun: readonly Promise<BegunMessage | undefined>[],
  deps: BatchDeps,
): Promise<HandledMessages> {
  const settled = await Promise.allSettled(begun);
  const ready: BegunMessage[] = [];
  const outcomes = settled.map((result): StreamOutcome => {
    if (result.status === 'rejected') return deadBy(result.reason);
    if (result.value === undefined) return DONE;
    ready.push(result.value);
    return { kind: 'handled', sends: result.value.sends, records: [result.value.record] };
  });
  const epoch = ready[0]?.epoch ?? 0;
  if (ready.some((each) => each.epoch !== epoch)) throw restored();
  return {
    epoch,
    outcomes,
    check: () => (ready.length > 0 ? deps.confirmEpoch(epoch) : Promise.resolve()),
    async committed() {
      await Promise.all(ready.map(({ confirm }) => confirm().catch(deps.onUnconfirmed)));
    },
  };
}

const restored = (): SentinelError =>
  new SentinelError('NOT_READY', { reason: 'profiles were restored while the messages were under way' });

/** Kinds of errors that the message is to blame for. */
const OWN_KINDS: ReadonlySet<string> = new Set(['malformed', 'invalid', 'conflict']);

function deadBy(error: unknown): StreamOutcome {
  if (!(error instanceof SentinelError) || !OWN_KINDS.has(error.kind)) throw error;
  return { kind: 'dead', reason: error.code, error: error.message };
}
