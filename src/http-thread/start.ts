/** The scoring thread's side of the HTTP thread: starts it, answers what it asks, opens and closes its server. */
import { startThread } from '../adapters/system/start-thread.ts';
import { errorOf, failureOf } from '../adapters/system/failure.ts';
import { type ServerLog } from '../http/server-deps.ts';
import { viewOf } from '../journal/bytes.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { type AnswerPayment } from '../wire/answer.ts';
import { createLaneMemory, openLane } from './lane.ts';
import { type FromHttp, type FromScoring, type HttpCalls, type ServerOrder } from './messages.ts';
import { createMessageSender, takePayment } from './payment-messages.ts';

/** Bytes under way in each direction; more wait. */
const LANE_BYTES = 8 * 1024 * 1024;

/** What answers requests. */
export interface HttpService {
  readonly answerPayment: AnswerPayment;
  readonly calls: HttpCalls;
  readonly telemetry: Pick<Telemetry, 'request'>;
}

export interface HttpThread {
  /** Opens a server whose requests `service` answers; resolves to its address. PORT_UNAVAILABLE when it cannot listen. */
  open(order: ServerOrder, service: HttpService): Promise<string>;
  /** Stops accepting, refuses new requests on open connections, resolves when those in flight are answered. */
  close(): Promise<void>;
  /** Ends the thread. */
  stop(): Promise<void>;
  /** Resolves when the thread failed: nothing is answered any more. */
  readonly failed: Promise<Error>;
}

interface Settled {
  resolve(url: string): void;
  reject(error: Error): void;
}

/** Starts the thread and returns at once; it keeps the process alive while a server is open. */
export function startHttpThread(log: ServerLog): HttpThread {
  const { here, there } = createLaneMemory(LANE_BYTES);
  const worker = startThread(new URL('./thread', import.meta.url), there);
  const incoming = viewOf(here.incoming.bytes);
  let service: HttpService | undefined;
  let opening: Settled | undefined;
  let closed: (() => void) | undefined;
  let isGone = false;

  const tell = (message: FromScoring): void => worker.postMessage(message);

  const lane = openLane(worker, here, {
    onBytes(bytes, start, end) {
      const { call, payment } = takePayment(bytes, incoming, start, end);
      service!.answerPayment(payment).then(
        (answer) => sender.answer(call, answer),
        (error: unknown) => sender.failure(call, error),
      );
    },
    onMessage: (message) => hear(message as FromHttp), // the other end is thread.ts
  });

  const sender = createMessageSender(lane.send);
  worker.unref();

  const answer = async ({ id, name, parameters }: Extract<FromHttp, { kind: 'call' }>): Promise<void> => {
    try {
      const call = service!.calls[name] as (...given: readonly unknown[]) => Promise<unknown>; // the asker is typed
      tell({ kind: 'result', id, value: await call(...parameters) });
    } catch (error) {
      tell({ kind: 'failure', id, failure: failureOf(error) });
    }
  };

  const hear = (message: FromHttp): void => {
    switch (message.kind) {
      case 'opened':
        return opening?.resolve(message.url);
      case 'unopened':
        return opening?.reject(errorOf(message.failure));
      case 'closed':
        return closed?.();
      case 'call':
        return void answer(message);
      case 'requests':
        for (const told of message.figures) service?.telemetry.request(...told);
        return;
      case 'log':
        return log.error({ ...message.fields, error: errorOf(message.failure) }, message.message);
    }
  };

  const failed = new Promise<Error>((resolve) => {
    const fail = (error: Error): void => {
      if (isGone) return;
      isGone = true;
      opening?.reject(error);
      closed?.();
      resolve(error);
    };
    worker.on('error', (error) => fail(new Error('the HTTP thread failed', { cause: error })));
    worker.on('exit', (code) => fail(new Error(`the HTTP thread ended with code ${code}`)));
  });

  return {
    open(order, serving) {
      service = serving;
      worker.ref();
      return new Promise((resolve, reject) => {
        opening = { resolve, reject };
        tell({ kind: 'open', order });
      });
    },
    close: () =>
      new Promise((resolve) => {
        if (isGone) return resolve();
        closed = resolve;
        tell({ kind: 'close' });
      }),
    async stop() {
      isGone = true;
      await worker.terminate();
    },
    failed,
  };
}
