/** Calls to an MLflow server: one request, one answer, one of two failures. */
import { SentinelError } from '../../domain/errors.ts';
import { withTimeLimit } from '../system/time-limit.ts';

export interface MlflowOptions {
  /** http or https, with the prefix of the server if it has one. */
  readonly uri: string;
  /** Longest wait for one answer, milliseconds; large uploads get more. */
  readonly timeoutMs: number;
  readonly token?: string;
  readonly user?: string;
  readonly password?: string;
  /** Ends all calls, as when the time for all of them together is up. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

export interface MlflowClient {
  readonly uri: string;
  /** A call under `/api/2.0/mlflow/`. Undefined when the server knows nothing by that name. */
  find(call: string, query: Readonly<Record<string, string>>): Promise<unknown>;
  /** The same for calls that change something; undefined when what they name is there already. */
  send(call: string, body: object, method?: 'POST' | 'PATCH' | 'DELETE'): Promise<unknown>;
  putFile(path: string, bytes: Uint8Array): Promise<void>;
  getFile(path: string): Promise<Uint8Array>;
}

const CALLS = '/api/2.0/mlflow/';
/** The server's artifact proxy. */
const FILES = '/api/2.0/mlflow-artifacts/artifacts/';
/** What the slowest line that is worth using carries, bytes a millisecond: 100 kB/s. */
const SLOWEST_BYTES_PER_MS = 100;
/** Its messages may be whole stack traces. */
const LONGEST_MESSAGE = 300;

/** Not a matter of this very call: no other would fare better now. */
const isServersFault = (status: number): boolean => status >= 500 || [401, 403, 408, 429].includes(status);

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

export function createMlflowClient(options: MlflowOptions): MlflowClient {
  const uri = options.uri.replace(/\/+$/, '');
  const { timeoutMs, signal, fetch: request = fetch } = options;
  const authorization = authorizationOf(options);

  async function call(path: string, init: RequestInit, what: string, bytes = 0): Promise<Answer> {
    const headers = { ...init.headers, ...(authorization && { authorization }) };
    let answer: Answer;
    try {
      answer = await withTimeLimit(timeoutMs + bytes / SLOWEST_BYTES_PER_MS, signal, async (limit) => {
        const response = await request(uri + path, { ...init, headers, signal: limit });
        return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
      });
    } catch (error) {
      throw new SentinelError(
        'TRACKING_UNAVAILABLE',
        { uri, problem: signal?.aborted === true ? 'gave up waiting' : reasonOf(error, timeoutMs) },
        error,
      );
    }
    if (isServersFault(answer.status)) {
      const problem = `answered ${answer.status} to ${what}${detail(answer.bytes)}`;
      throw new SentinelError('TRACKING_UNAVAILABLE', { uri, problem });
    }
    return answer;
  }

  function refused({ status, bytes }: Answer, what: string): SentinelError {
    return new SentinelError('TRACKING_REFUSED', { uri, what, problem: `status ${status}${detail(bytes)}` });
  }

  /** The JSON of an answer; undefined for the error code that the caller expects. */
  function understood(answer: Answer, what: string, expectedCode: string): unknown {
    const value = parsed(answer.bytes);
    if (answer.status < 300 && value !== undefined) return value;
    if ((value as { readonly error_code?: string } | undefined)?.error_code === expectedCode) return undefined;
    throw answer.status < 300
      ? new SentinelError('TRACKING_REFUSED', { uri, what, problem: 'the answer is no JSON: is this MLflow?' })
      : refused(answer, what);
  }

  return {
    uri,
    async find(name, query) {
      const answer = await call(`${CALLS}${name}?${new URLSearchParams(query)}`, { method: 'GET' }, name);
      return understood(answer, name, 'RESOURCE_DOES_NOT_EXIST');
    },
    async send(name, body, method = 'POST') {
      const text = JSON.stringify(body);
      const init = { method, body: text, headers: { 'content-type': 'application/json' } };
      return understood(await call(CALLS + name, init, name, text.length), name, 'RESOURCE_ALREADY_EXISTS');
    },
    async putFile(path, bytes) {
      const body = new Uint8Array(bytes); // fetch takes no view of shared memory
      const init = { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } };
      const answer = await call(FILES + encoded(path), init, path, bytes.length);
      if (answer.status >= 300) throw refused(answer, path);
    },
    async getFile(path) {
      const answer = await call(FILES + encoded(path), { method: 'GET' }, path);
      if (answer.status === 200) return answer.bytes;
      throw answer.status === 404
        ? new SentinelError('NOT_FOUND', { what: `On MLflow at ${uri} the file`, id: path })
        : refused(answer, path);
    },
  };
}

function authorizationOf({ token = '', user = '', password = '' }: MlflowOptions): string | undefined {
  if (token !== '') return `Bearer ${token}`;
  return user === '' ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // the caller says what it expected
  }
}

function detail(bytes: Uint8Array): string {
  const { message } = (parsed(bytes) ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? `: ${message.split('\n')[0]!.slice(0, LONGEST_MESSAGE)}` : '';
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const code = (cause as { readonly code?: string } | undefined)?.code;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return code ?? (cause instanceof Error ? cause.message : message);
}
