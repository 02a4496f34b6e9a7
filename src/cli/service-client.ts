/** Calls from the command line to a running service. */
import { type Config } from '../config.ts';
import { SentinelError } from '../domain/errors.ts';

export interface ServiceClient {
  readonly url: string;
  /** Parsed JSON of a 2xx answer; any other throws with what the service said. A string `body` is JSON already. */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>;
  get(path: string, signal?: AbortSignal): Promise<unknown>;
}

/** Longest wait for one answer, milliseconds. */
const ANSWER_MS = 30_000;

/** The address of the configured service, without a slash at its end. */
export function serviceUrlOf(config: Pick<Config, 'serviceUrl' | 'host' | 'port' | 'tlsCertFile'>): string {
  const { serviceUrl, host, port, tlsCertFile } = config;
  if (serviceUrl !== '') return serviceUrl.replace(/\/+$/, '');
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${tlsCertFile === '' ? 'http' : 'https'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function createServiceClient(
  config: Pick<Config, 'serviceUrl' | 'host' | 'port' | 'tlsCertFile' | 'apiKey'>,
): ServiceClient {
  const url = serviceUrlOf(config);
  const headers = config.apiKey === '' ? {} : { authorization: `Bearer ${config.apiKey}` };
  const call = async (path: string, init: RequestInit, signal?: AbortSignal): Promise<unknown> => {
    const patience = AbortSignal.timeout(ANSWER_MS);
    let response: Response;
    try {
      response = await fetch(url + path, { ...init, signal: signal ? AbortSignal.any([signal, patience]) : patience });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new SentinelError('SERVICE_UNREACHABLE', { url, problem: reasonOf(error) }, error);
    }
    const answer = (await response.json().catch(() => undefined)) as { detail?: unknown; code?: unknown } | undefined; // a problem or the route's own shape
    if (response.ok) return answer;
    throw new SentinelError('SERVICE_REFUSED', {
      url: url + path,
      status: response.status,
      problem: String(answer?.detail ?? answer?.code ?? response.statusText),
    });
  };
  return {
    url,
    post: (path, body, signal) =>
      call(
        path,
        {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        },
        signal,
      ),
    get: (path, signal) => call(path, { headers }, signal),
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
}
