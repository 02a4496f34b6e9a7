/** Several processes on one port: each a whole instance; one that dies is started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mergeMetrics } from '../../adapters/prometheus/merge-metrics.ts';
import { errorOf } from '../../adapters/system/failure.ts';
import { bindSocket } from '../../adapters/system/listening-socket.ts';
import { type StartedProcess, startProcess } from '../../adapters/system/start-process.ts';
import { type Config } from '../../config.ts';
import { SECOND_MS } from '../../domain/time.ts';
import { type Log } from '../../ports/log.ts';
import { type Service } from '../service.ts';
import { type FromWorker, type ToWorker } from './messages.ts';

const FIRST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 30 * SECOND_MS;
/** One that ran so long has not died of its start. */
const SOUND_MS = 60 * SECOND_MS;
/** Longer than a service takes to end in order. */
const END_MS = 10 * SECOND_MS;
/** A worker that does not tell its figures is left out. */
const FIGURES_MS = 5 * SECOND_MS;

type Ready = Extract<FromWorker, { readonly kind: 'ready' }>;

interface Worker {
  readonly process: StartedProcess;
  readonly ready: Promise<Ready>;
  /** What kept it from becoming ready; undefined once it is. */
  readonly obstacle: Promise<Error | undefined>;
  readonly ended: Promise<number | string>;
  figures(): Promise<string | undefined>;
}

/** Resolves when all of them take payments; rejects with what is in the way of the first that does not. */
export async function startWorkers(config: Config, log: Log): Promise<Service> {
  const socket = await bindSocket(config.host, config.port);
  const order = { config: { ...config, port: socket.port } };
  const workers = new Map<number, Worker>();
  let isClosing = false;

  const allFigures = async (): Promise<string> => {
    const all = [...workers].sort(([a], [b]) => a - b);
    const texts = await Promise.all(
      all.map(async ([number, worker]) => [String(number), await worker.figures()] as const),
    );
    return mergeMetrics(
      new Map(texts.flatMap(([number, text]) => (text === undefined ? [] : [[number, text]]))),
      'worker',
    );
  };

  const start = (number: number): Worker => {
    const options = { inherit: [socket.fd], flags: process.execArgv };
    const child = startProcess(new URL('./worker-process', import.meta.url), order, options);
    const worker = openWorker(child, allFigures);
    workers.set(number, worker);
    return worker;
  };

  const keep = async (number: number, first: Worker): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS;
    for (let worker = first; ; worker = start(number)) {
      const beganMs = performance.now();
      const how = await worker.ended;
      if (isClosing) return;
      workers.delete(number);
      if (performance.now() - beganMs > SOUND_MS) pauseMs = FIRST_PAUSE_MS;
      const error = await worker.obstacle;
      log.error({ worker: number, how, pauseMs, ...(error && { error }) }, 'a worker ended; it is started again');
      await sleep(pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
      if (isClosing) return;
    }
  };

  const close = async (): Promise<void> => {
    isClosing = true;
    const all = [...workers.values()];
    for (const worker of all) worker.process.postMessage({ kind: 'close' } satisfies ToWorker);
    const ends = Promise.all(all.map(({ ended }) => ended));
    const codes = await Promise.race([ends, sleep(END_MS, ['not in time'], { ref: false })]);
    if (codes.some((code) => code !== 0)) log.warn({ codes }, 'not every worker ended in order');
    await Promise.all(all.map((worker) => worker.process.terminate()));
    socket.close();
  };

  const started = Array.from({ length: config.apiWorkers }, (_, index) => start(index + 1));
  try {
    const [first] = await Promise.all(started.map(({ ready }) => ready));
    started.forEach((worker, index) => void keep(index + 1, worker));
    let closing: Promise<void> | undefined;
    const { url, modelVersion, labelDelayMs } = first!; // there is one at least
    return {
      url,
      modelVersion,
      labelDelayMs,
      poisoned: new Promise(() => undefined), // a worker that fails is replaced
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openWorker(child: StartedProcess, allFigures: () => Promise<string>): Worker {
  const asked = new Map<number, (text: string) => void>();
  let lastId = 0;
  let settle: { resolve(ready: Ready): void; reject(error: Error): void };
  const ready = new Promise<Ready>((resolve, reject) => (settle = { resolve, reject }));
  const obstacle = ready.then(
    () => undefined,
    (error: Error) => error,
  );
  const tell = (message: ToWorker): void => child.postMessage(message);
  child.on('message', (given) => {
    const message = given as FromWorker; // the other end is worker-process.ts
    switch (message.kind) {
      case 'ready':
        return settle.resolve(message);
      case 'failed':
        return settle.reject(errorOf(message.failure));
      case 'own figures':
        asked.get(message.id)?.(message.text);
        return void asked.delete(message.id);
      case 'all figures':
        return void allFigures().then((text) => tell({ kind: 'all figures', id: message.id, text }));
    }
  });
  const ended = new Promise<number | string>((resolve) => child.onExit(resolve));
  void ended.then((how) => settle.reject(new Error(`a worker ended before it was ready: ${how}`)));
  return {
    process: child,
    ready,
    obstacle,
    ended,
    async figures() {
      const id = ++lastId;
      const text = new Promise<string>((resolve) => asked.set(id, resolve));
      tell({ kind: 'own figures', id });
      return Promise.race([text, sleep(FIGURES_MS, undefined, { ref: false })]);
    },
  };
}
