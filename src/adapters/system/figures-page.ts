/** A page of figures and two of health, for a process that serves nothing else. */
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { portUnavailable } from './port-unavailable.ts';

export interface FiguresPage {
  readonly url: string;
  close(): Promise<void>;
}

export interface FiguresPageOptions {
  readonly host: string;
  readonly port: number;
  /** Prometheus text format. */
  readonly metricsText: () => Promise<string>;
  /** What `/readyz` says: ready, or why not. */
  readonly notReady: () => string | undefined;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** `/metrics`, `/livez` and `/readyz`. Throws PORT_UNAVAILABLE. */
export async function openFiguresPage(options: FiguresPageOptions): Promise<FiguresPage> {
  const { host, port, metricsText, notReady } = options;
  const answer = async (path: string | undefined): Promise<readonly [status: number, body: string]> => {
    if (path === '/livez') return [200, 'alive\n'];
    if (path === '/metrics') return [200, await metricsText()];
    if (path !== '/readyz') return [404, 'only /metrics, /livez and /readyz are here\n'];
    const problem = notReady();
    return problem === undefined ? [200, 'ready\n'] : [503, `${problem}\n`];
  };
  const server = createServer((request, response) => {
    answer(request.url).then(
      ([status, body]) => response.writeHead(status, { 'Content-Type': TEXT }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portUnavailable(host, port, error)));
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo; // listening on TCP
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
