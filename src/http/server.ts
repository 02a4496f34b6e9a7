/** The HTTP edge: scoring routes kept bare for speed, read routes and pages with the usual protections. */
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fastify, { type FastifyError, type FastifyInstance, type onRequestHookHandler } from 'fastify';
import { ROUTE_PERMISSIONS } from '../access/permissions.ts';
import { SentinelError } from '../domain/errors.ts';
import { maskPans } from '../domain/pan.ts';
import { NDJSON_TYPE } from '../wire/ndjson.ts';
import { createBrokenRequestHandler, missingHost, refuseExpectations } from './broken-request.ts';
import { answerHalfClosed, followConnections, readWhatCame } from './connections.ts';
import { createEdge, type Edge } from './edge.ts';
import { takeByteStream, takeJsonBytes } from './media-type.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addLabelRoute } from './routes/labels.ts';
import { addPageRoutes, START_SCRIPT_SOURCE } from './routes/pages.ts';
import { addPredictRoutes } from './routes/predict.ts';
import { addReadRoutes } from './routes/reads.ts';
import { addStreamRoute } from './routes/stream.ts';
import { type ServerDeps } from './server-deps.ts';

/** Longest id in an address, percent-encoded: of a hundred characters each can take twelve. */
const MAX_PARAMETER = 2_048;
/** Most characters of an unknown address that the answer repeats. */
const MAX_SHOWN = 200;

/** How many requests this process has seen, after a prefix that tells processes apart. */
function createRequestIds(startedMs: number): () => string {
  const prefix = startedMs.toString(36);
  let count = 0;
  return () => `${prefix}-${++count}`;
}

/** The methods that the table has for an address, for answers to a wrong one; what is read can be asked for its head. */
function methodsOf(path: string): string[] {
  return Object.keys(ROUTE_PERMISSIONS).flatMap((name) => {
    const [method, pattern] = name.split(' ') as [string, string];
    return new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path)
      ? method === 'GET'
        ? [method, 'HEAD']
        : [method]
      : [];
  });
}

/** An address as it may be shown: decoded, or a card number could hide in it; nothing of one that cannot be. */
function shownAddress(path: string): string {
  try {
    return maskPans(decodeURIComponent(path)).slice(0, MAX_SHOWN);
  } catch {
    return '(not readable)';
  }
}

function addFallbacks(server: FastifyInstance, edge: Edge): void {
  server.setErrorHandler((error: FastifyError, request, reply) => edge.fail(error, request, reply));
  server.setNotFoundHandler((request, reply) => {
    request.startedUs = edge.deps.clock.monotonicUs();
    const noHost = missingHost(request.raw);
    if (noHost !== undefined) return edge.fail(noHost, request, reply);
    const path = request.url.split('?', 1)[0]!;
    const allowed = methodsOf(path).join(', ');
    if (allowed === '') {
      return edge.fail(new SentinelError('ADDRESS_UNKNOWN', { address: shownAddress(path) }), request, reply);
    }
    reply.header('Allow', allowed);
    return edge.fail(new SentinelError('METHOD_NOT_ALLOWED', { allowed }), request, reply);
  });
}

/** Headers for browsers. Without TLS of our own, an upgrade to https is a proxy's decision and not ours. */
const PAGE_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", START_SCRIPT_SOURCE],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
} as const;

/** What pages of the origins allowed may do: what any client may. */
const CALLS_OF_OTHER_ORIGINS = {
  methods: ['HEAD', ...new Set(Object.keys(ROUTE_PERMISSIONS).map((name) => name.split(' ', 1)[0]!))],
  allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-API-Key'],
  exposedHeaders: ['Retry-After', 'X-Process-Time'],
};

/** OPTIONS that does not come ahead of a call of a page: a method like any other that is not there. */
const refuseOtherOptions: onRequestHookHandler = ({ method, headers }, reply, done) => {
  const isAhead = headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
  if (method === 'OPTIONS' && !isAhead) reply.callNotFound();
  else done();
};

/** Node refuses a request without Host by an empty answer; the routes say what is wrong. */
const HOST_ASKED_HERE = { requireHostHeader: false } as const;

/** Read routes and pages: protected for browsers, compressed. */
async function addPages(server: FastifyInstance, edge: Edge): Promise<void> {
  await server.register(helmet, PAGE_HEADERS);
  await server.register(compress, { encodings: ['gzip'] });
  addReadRoutes(server, edge);
  await addPageRoutes(server, edge);
}

/**
 * A server that is not listening yet. `close()` takes what had come before it, stops accepting, refuses new requests on
 * open connections with SHUTTING_DOWN and resolves when the requests in flight have been answered, or cut off because
 * they took too long.
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const server = fastify({
    ...(deps.tls ? { https: { ...deps.tls, ...HOST_ASKED_HERE } } : { http: HOST_ASKED_HERE }),
    logger: false,
    bodyLimit: deps.limits.bodyBytes,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAMETER },
    genReqId: createRequestIds(deps.clock.nowMs()),
    clientErrorHandler: createBrokenRequestHandler(),
    frameworkErrors: (error, request, reply) => edge.fail(error, request, reply),
  });
  const edge = createEdge(deps);
  const connections = followConnections(server.server);
  answerHalfClosed(server.server);
  refuseExpectations(server.server);
  server.decorateRequest('startedUs', 0);
  server.decorateRequest('caller', '');
  server.addHook('preClose', async () => {
    await readWhatCame();
    edge.gate.close();
    connections.end(deps.limits.closeMs);
  });
  const { corsOrigins } = deps.limits;
  if (corsOrigins.length > 0) {
    server.addHook('onRequest', refuseOtherOptions);
    server.register(cors, { origin: [...corsOrigins], ...CALLS_OF_OTHER_ORIGINS });
  }
  addFallbacks(server, edge);
  takeJsonBytes(server);
  addHealthRoutes(server, edge);
  addPredictRoutes(server, edge);
  addLabelRoute(server, edge);
  server.register(async (scope) => {
    takeByteStream(scope, NDJSON_TYPE);
    addStreamRoute(scope, edge);
  });
  server.register(async (scope) => addPages(scope, edge));
  return server;
}
