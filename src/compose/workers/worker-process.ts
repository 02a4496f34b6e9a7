/** A process that serves on a socket it shares with others, started and ended by start-workers.ts. */
import { createLog } from '../../adapters/pino/log.ts';
import { failureOf } from '../../adapters/system/failure.ts';
import { FIRST_INHERITED, parentProcess } from '../../adapters/system/start-process.ts';
import { startService } from '../service.ts';
import { type FromWorker, type ToWorker, type WorkerOrder } from './messages.ts';

const { data, port } = await parentProcess<WorkerOrder>();
const log = createLog(data.config.logLevel);
const tell = (message: FromWorker): void => port.postMessage(message);

const asked = new Map<number, (text: string) => void>();
let lastId = 0;
let ownFigures: () => Promise<string> = () => Promise.resolve('');
const shareFigures = (own: () => Promise<string>) => {
  ownFigures = own;
  return (): Promise<string> =>
    new Promise((resolve) => {
      asked.set(++lastId, resolve);
      tell({ kind: 'all figures', id: lastId });
    });
};

const starting = startService(data.config, log, { fd: FIRST_INHERITED, shareFigures });

async function end(code: number, failure?: unknown): Promise<never> {
  if (failure !== undefined) tell({ kind: 'failed', failure: failureOf(failure) });
  await (await starting.catch(() => undefined))?.close();
  process.exit(code);
}

port.on('message', (given) => {
  const message = given as ToWorker; // the parent is start-workers.ts
  switch (message.kind) {
    case 'close':
      return void end(0);
    case 'own figures':
      return void ownFigures().then((text) => tell({ kind: 'own figures', id: message.id, text }));
    case 'all figures':
      asked.get(message.id)?.(message.text);
      return void asked.delete(message.id);
  }
});

starting.then(
  ({ url, modelVersion, labelDelayMs, poisoned }) => {
    tell({ kind: 'ready', url, modelVersion, labelDelayMs });
    void poisoned.then((error) => {
      log.error({ error }, 'this worker can no longer serve');
      return end(1);
    });
  },
  (error: unknown) => end(1, error),
);
