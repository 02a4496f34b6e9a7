/** The HTTP thread: sockets, requests and JSON; everything else is asked of the scoring thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { createKeyRing } from '../access/keys.ts';
import { createPanTokeniser, hashRequest } from '../access/pan-token.ts';
import { errorOf, failureOf } from '../adapters/system/failure.ts';
import { createPendingCalls } from '../adapters/system/pending-calls.ts';
import { portUnavailable } from '../adapters/system/port-unavailable.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createServer } from '../http/server.ts';
import { type ServerDeps } from '../http/server-deps.ts';
import { viewOf } from '../journal/bytes.ts';
import { type Answer } from '../wire/answer.ts';
import { type LaneMemory, openLane } from './lane.ts';
import { type CallName, type FromHttp, type FromScoring, type HttpCalls, type RequestFigures, type ServerOrder } from './messages.ts'; // prettier-ignore
import { createMessageSender, takeAnswer } from './payment-messages.ts';

/** Figures of requests are told this often, and before they are asked for. */
const FIGURES_MS = 200;

const port = parentPort!;
const memory = workerData as LaneMemory; // put there by startHttpThread

const tell = (message: FromHttp): void => port.postMessage(message);

const payments = createPendingCalls<Answer>();
const questions = createPendingCalls<unknown>();
const answers = viewOf(memory.incoming.bytes);

const lane = openLane(port, memory, {
  onBytes(bytes, start, end) {
    const { call, answer } = takeAnswer(bytes, answers, start, end);
    if (answer instanceof Error) payments.reject(call, answer);
    else payments.resolve(call, answer);
  },
  onMessage: (message) => obey(message as FromScoring), // the other end is startHttpThread
});

const sender = createMessageSender(lane.send);

let figures: RequestFigures[] = [];
function tellFigures(): void {
  if (figures.length > 0) tell({ kind: 'requests', figures });
  figures = [];
}
setInterval(tellFigures, FIGURES_MS).unref();

type Call<N extends CallName> = NonNullable<HttpCalls[N]>;

const ask =
  <N extends CallName>(name: N) =>
  (...parameters: Parameters<Call<N>>): ReturnType<Call<N>> => {
    tellFigures();
    return questions.begin((id) => tell({ kind: 'call', id, name, parameters })) as ReturnType<Call<N>>; // as typed there
  };

const deps: Omit<ServerDeps, 'config' | 'catalogues' | 'baseCurrency' | 'tokenise' | 'limits' | 'keys'> = {
  answerPayment: (payment) => payments.begin((call) => sender.payment(call, payment)),
  recordLabel: ask('recordLabel'),
  explainDecision: ask('explainDecision'),
  describeEntity: ask('describeEntity'),
  listDecisions: ask('listDecisions'),
  stats: ask('stats'),
  modelInfo: ask('modelInfo'),
  models: ask('models'),
  health: ask('health'),
  readiness: ask('readiness'),
  metricsText: ask('metricsText'),
  monitoringMetrics: ask('monitoringMetrics'),
  hash: hashRequest,
  clock: systemClock,
  telemetry: { request: (...told) => void figures.push(told) },
  log: {
    error: ({ error, ...fields }, message) => tell({ kind: 'log', fields, failure: failureOf(error), message }),
  },
};

let server: ReturnType<typeof createServer> | undefined;

async function open({
  host,
  port: number,
  fd,
  keys,
  config,
  tokenKey,
  sharesLimits,
  ...order
}: ServerOrder): Promise<void> {
  server = createServer({
    ...deps,
    ...order,
    ...(sharesLimits && { leaseCalls: ask('leaseCalls') }),
    keys: createKeyRing(keys),
    config: () => config,
    tokenise: createPanTokeniser(tokenKey, '1'),
  });
  try {
    tell({ kind: 'opened', url: await server.listen({ host, port: number, ...(fd !== undefined && { fd }) }) });
  } catch (error) {
    tell({ kind: 'unopened', failure: failureOf(portUnavailable(host, number, error as Error)) });
  }
}

async function close(): Promise<void> {
  await server?.close();
  tellFigures();
  tell({ kind: 'closed' });
}

function obey(message: FromScoring): void {
  switch (message.kind) {
    case 'open':
      return void open(message.order);
    case 'close':
      return void close();
    case 'result':
      return questions.resolve(message.id, message.value);
    case 'failure':
      return questions.reject(message.id, errorOf(message.failure));
  }
}
