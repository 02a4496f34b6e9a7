/** Simulated payments through servers of their own before the first real one, so that it finds compiled code. */
import { createMemoryJournal } from '../adapters/memory/journal.ts';
import { silentTelemetry } from '../adapters/memory/telemetry.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { DEFAULT_LIMITS } from '../http/server-deps.ts';
import { type ServerOrder } from '../http-thread/messages.ts';
import { type HttpService, type HttpThread } from '../http-thread/start.ts';
import { type HttpConnection, openConnection, postBytes } from '../load/http-connection.ts';
import { simulationOf } from '../simulation/scale.ts';
import { createSimulation } from '../simulation/simulation.ts';
import { createFold } from '../usecases/fold.ts';
import { type Champion } from '../usecases/judge.ts';
import { createScoreTransaction } from '../usecases/score-transaction.ts';
import { createAnswerPayment } from '../wire/answer.ts';
import { NDJSON_TYPE } from '../wire/ndjson.ts';
import { requestText } from '../wire/request-text.ts';

/**
 * V8 compiles for the first instance of each part alone and throws that away when a second one comes: what the second
 * leaves is what the service finds.
 */
const ROUNDS = 2;
/** Three times as many leave the first payments as they are and take a second more; one round leaves batches half as fast. */
const SINGLES = 400;
const BATCHES = 3;
const BATCH = 100;
const CONNECTIONS = 8;
const USERS = 300;
const HOST = '127.0.0.1';

export interface RehearsalDeps {
  readonly http: Pick<HttpThread, 'open' | 'close'>;
  /** Those of the real server; nothing of the real state is touched. */
  readonly order: ServerOrder;
  readonly service: HttpService;
  readonly champion: Champion;
  readonly settings: FeatureSettings;
}

export async function rehearse(deps: RehearsalDeps): Promise<void> {
  const payments = createSimulation(simulationOf({ transactions: Infinity, users: USERS }));
  const texts = (count: number): string[] =>
    Array.from({ length: count }, () => requestText(payments.next().value!.transaction, { dated: false })); // without end
  const requests = [
    ...texts(SINGLES).map((text) => postBytes(HOST, '/api/v1/predict', text)),
    ...Array.from({ length: BATCHES }, () =>
      postBytes(HOST, '/api/v1/predict/batch', `{"transactions":[${texts(BATCH).join(',')}]}`),
    ),
    ...Array.from({ length: BATCHES }, () =>
      postBytes(HOST, '/api/v1/predict/stream', texts(BATCH).join('\n'), { 'content-type': NDJSON_TYPE }),
    ),
  ];
  const { tls: _, fd: __, ...plain } = deps.order;
  const order = { ...plain, host: HOST, port: 0, limits: DEFAULT_LIMITS, keys: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await play(await deps.http.open(order, createScratchService(deps)), requests);
    await deps.http.close();
  }
}

function createScratchService({ service, order, champion, settings }: RehearsalDeps): HttpService {
  const scoreTransaction = createScoreTransaction({
    fold: createFold(createFeatureEngine(settings)),
    champion: () => champion,
    journal: createMemoryJournal(),
    clock: systemClock,
    telemetry: silentTelemetry,
    newId: () => 'rehearsal',
    deadlineMs: Infinity,
  });
  return {
    ...service,
    answerPayment: createAnswerPayment(scoreTransaction, order.catalogues),
    telemetry: silentTelemetry,
  };
}

async function play(url: string, requests: readonly Buffer[]): Promise<void> {
  const { port } = new URL(url);
  const left = [...requests].reverse();
  const playOn = async (connection: HttpConnection): Promise<void> => {
    for (let request = left.pop(); request !== undefined; request = left.pop()) {
      const next = request;
      await new Promise((resolve) => connection.send(next, resolve));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => playOn(openConnection(HOST, Number(port)))));
}
