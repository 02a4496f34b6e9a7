/** What all routes share: the gate, the codecs, the clock of each request, and how failures are told. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import { ROUTE_PERMISSIONS, type RouteName } from '../access/permissions.ts';
import { SentinelError } from '../domain/errors.ts';
import { createDecisionEncoder, type DecisionEncoder } from '../wire/decision.ts';
import { createPaymentDecoder, type PaymentDecoder } from '../wire/payment.ts';
import { type Problem, PROBLEM_TYPE, toProblem } from '../wire/problem.ts';
import { missingHost } from './broken-request.ts';
import { RETRY_AFTER_SECONDS, STATUS_OF, toSentinelError } from './errors.ts';
import { createGate, type Gate } from './gate.ts';
import { plainLength, takePlainBody } from './plain-body.ts';
import { type ServerDeps } from './server-deps.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request was read, monotonic microseconds. */
    startedUs: number;
    /** Whose rate limit it counts against. */
    caller: string;
  }
  interface FastifyContextConfig {
    /** Media type of the body the route takes. */
    mediaType?: string;
  }
}

export const JSON_TYPE = 'application/json; charset=utf-8';

export interface Edge {
  readonly deps: ServerDeps;
  readonly gate: Gate;
  readonly decoder: PaymentDecoder;
  readonly encodeDecision: DecisionEncoder;
  /** The problem of a failed item of a larger request; causes go to the log. */
  problemOf(error: unknown, request: FastifyRequest): Problem;
  /** Answers with the problem of `error`. */
  fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply;
  /** Sends `json` with the headers every answer has. */
  send(request: FastifyRequest, reply: FastifyReply, json: string): FastifyReply;
  /** The same for scoring routes, written past the framework: no send hooks, no compression. */
  sendBare(request: FastifyRequest, reply: FastifyReply, json: string): void;
  /** Adds the route named in the permission table, behind the gate. */
  route(server: FastifyInstance, name: RouteName, handler: RouteHandler, options?: RouteShorthandOptions): void;
  /** The same for scoring routes, whose bodies the framework reads only when they are sent in an unusual way. */
  scoringRoute(server: FastifyInstance, name: RouteName, bodyLimit: number, handler: ScoringHandler): void;
}

export type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** Answers with `sendBare`; what it throws becomes a problem. */
export type ScoringHandler = (request: FastifyRequest, reply: FastifyReply, body: Buffer | undefined) => Promise<void>;

const MICROSECONDS = 1e6;
/** Characters from which an answer is encoded once, ahead, instead of being measured, joined to its head and encoded. */
const LARGE_ANSWER = 4 * 1024;

/** Seconds with six decimals, as X-Process-Time has them; integers are formatted faster than fractions. */
function seconds(durationUs: number): string {
  const whole = Math.max(0, Math.round(durationUs));
  const fraction = whole % MICROSECONDS;
  return `${(whole - fraction) / MICROSECONDS}.${String(MICROSECONDS + fraction).slice(1)}`;
}

/** Whether `error` says that the client cut its connection within the request. */
export function hasGoneAway(error: unknown, { raw }: FastifyRequest): boolean {
  return error !== undefined && error === raw.errored;
}

/** Puts what hooks set, such as which origins may read, on an answer that is written past the framework. */
export function carryHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, String(value));
}

export function createEdge(deps: ServerDeps): Edge {
  const { clock, telemetry, log } = deps;
  const gate = createGate(deps);
  const hasOtherOrigins = deps.limits.corsOrigins.length > 0;

  const instanceOf = (request: FastifyRequest): string => `urn:sentinel:request:${request.id}`;

  const understand = (error: unknown, request: FastifyRequest): SentinelError => {
    const { bodyLimit, config } = request.routeOptions;
    if (hasGoneAway(error, request)) return new SentinelError('MALFORMED_REQUEST', { problem: 'it breaks off' }, error);
    const known = toSentinelError(error, {
      bodyBytes: bodyLimit ?? deps.limits.bodyBytes,
      mediaType: config?.mediaType ?? 'application/json',
    });
    if (known.kind === 'internal') {
      log.error({ request: request.id, code: known.code, error: known.cause ?? known }, known.message);
    }
    return known;
  };

  const addTrailers = (request: FastifyRequest, reply: FastifyReply): void => {
    // A request whose address cannot be read is refused before its clock is started.
    if (request.startedUs > 0) reply.header('X-Process-Time', seconds(clock.monotonicUs() - request.startedUs));
    if (gate.isClosing) reply.header('Connection', 'close');
  };

  const fail: Edge['fail'] = (error, request, reply) => {
    const known = understand(error, request);
    const status = STATUS_OF[known.kind];
    reply.code(status).header('Content-Type', PROBLEM_TYPE).header('Cache-Control', 'no-store');
    reply.header('X-Content-Type-Options', 'nosniff');
    if (status === 503 || status === 429) {
      reply.header('Retry-After', String(known.details.waitSeconds ?? RETRY_AFTER_SECONDS));
    }
    if (status === 401) reply.header('WWW-Authenticate', 'Bearer');
    addTrailers(request, reply);
    return reply.send(JSON.stringify(toProblem(known, status, instanceOf(request))));
  };

  /** `take` may answer a request that the gate let in before the framework reads its body; then it returns true. */
  const addRoute = (
    server: FastifyInstance,
    name: RouteName,
    options: RouteShorthandOptions & { readonly handler: RouteHandler },
    take?: (request: FastifyRequest, reply: FastifyReply) => boolean,
  ): void => {
    const [method, url] = name.split(' ') as ['GET' | 'POST', string];
    const permission = ROUTE_PERMISSIONS[name];
    server.route({
      ...options,
      method,
      url,
      onRequest: (request, reply, done) => {
        const startedUs = clock.monotonicUs();
        request.startedUs = startedUs;
        // Not an onResponse hook, for which the framework listens twice and keeps its own time: 1 µs.
        reply.raw.on('finish', () => telemetry.request(url, reply.raw.statusCode, clock.monotonicUs() - startedUs));
        try {
          const noHost = missingHost(request.raw);
          if (noHost !== undefined) throw noHost;
          gate.checkHost(request.headers.host);
          if (permission !== 'public') request.caller = gate.identify(request, permission);
        } catch (error) {
          return done(error as Error);
        }
        if (take?.(request, reply) !== true) done();
      },
    });
  };

  return {
    deps,
    gate,
    decoder: createPaymentDecoder(deps),
    encodeDecision: createDecisionEncoder(deps.catalogues),
    problemOf(error, request) {
      const known = understand(error, request);
      return toProblem(known, STATUS_OF[known.kind], instanceOf(request));
    },
    fail,
    send(request, reply, json) {
      reply.header('Content-Type', JSON_TYPE).header('Cache-Control', 'no-store');
      reply.header('X-Content-Type-Options', 'nosniff');
      addTrailers(request, reply);
      return reply.send(json);
    },
    sendBare(request, reply, json) {
      reply.hijack();
      const { raw } = reply;
      if (hasOtherOrigins) carryHeaders(reply);
      const body = json.length > LARGE_ANSWER ? Buffer.from(json) : json;
      const length = Buffer.byteLength(body);
      const headers = [
        'Content-Type',
        JSON_TYPE,
        'Content-Length',
        String(length),
        'Cache-Control',
        'no-store',
        'X-Content-Type-Options',
        'nosniff',
        'X-Process-Time',
        seconds(clock.monotonicUs() - request.startedUs),
      ];
      if (gate.isClosing) headers.push('Connection', 'close');
      raw.writeHead(200, headers);
      if (typeof body !== 'string') {
        raw.end(body);
        return;
      }
      // Head and body leave as one string: `end` with a body adds an empty one, and two take 2 µs more.
      raw.socket?.cork();
      raw.write(json, length === json.length ? 'latin1' : 'utf8');
      raw.socket?.uncork();
      raw.end();
    },
    route(server, name, handler, options = {}) {
      addRoute(server, name, { ...options, handler });
    },
    scoringRoute(server, name, bodyLimit, handler) {
      addRoute(
        server,
        name,
        { bodyLimit, handler: (request, reply) => handler(request, reply, request.body as Buffer | undefined) },
        (request, reply) => {
          const length = plainLength(request.raw, bodyLimit);
          if (length === undefined) return false;
          takePlainBody(request.raw, { length, limitMs: deps.limits.bodyMs }, (error, body) => {
            if (error === undefined) handler(request, reply, body).catch((failure) => fail(failure, request, reply));
            else fail(error, request, reply.header('Connection', 'close'));
          });
          return true;
        },
      );
    },
  };
}
