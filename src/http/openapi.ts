/** The OpenAPI 3.1 document, made from the route catalogue and the schemas beside each codec. */
import { ROUTE_PERMISSIONS, type RouteName } from '../access/permissions.ts';
import { HOLDERS } from '../access/roles.ts';
import { type ErrorCode, ERRORS } from '../domain/errors.ts';
import { BATCH_SCHEMAS } from '../wire/batch.ts';
import { DECISION_VIEW_SCHEMAS } from '../wire/decision-view.ts';
import { DECISION_SCHEMAS } from '../wire/decision.ts';
import { ENTITY_SCHEMAS } from '../wire/entity-view.ts';
import { HEALTH_SCHEMAS } from '../wire/health.ts';
import { LABEL_SCHEMAS } from '../wire/label.ts';
import { PAYMENT_SCHEMA } from '../wire/payment-fields.ts';
import { PROBLEM, PROBLEM_SCHEMA, PROBLEM_TYPE } from '../wire/problem.ts';
import { type JsonSchema } from '../wire/schema.ts';
import { SERVICE_SCHEMAS } from '../wire/service-views.ts';
import { SHORT_SCHEMAS } from '../wire/short-form.ts';
import { STATUS_OF } from './errors.ts';
import { JSON_TYPE, type RouteEntry, ROUTES } from './route-catalogue.ts';

/** Version of the contract, not of the program: it rises when a client could notice. */
const API_VERSION = '1.0.0';

export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Payment: PAYMENT_SCHEMA,
  Problem: PROBLEM_SCHEMA,
  ...DECISION_SCHEMAS,
  ...BATCH_SCHEMAS,
  ...SHORT_SCHEMAS,
  ...LABEL_SCHEMAS,
  ...DECISION_VIEW_SCHEMAS,
  ...ENTITY_SCHEMAS,
  ...SERVICE_SCHEMAS,
  ...HEALTH_SCHEMAS,
};

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

interface ApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, ApiResponse>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

/** Of what is answered whole: the time of a stream is not known when its answer begins. */
const PROCESS_TIME = {
  'X-Process-Time': { description: 'Seconds from request to answer', schema: { type: 'number' } },
};

function parametersOf(entry: RouteEntry): Parameter[] {
  const list = (place: 'path' | 'query', schemas: Readonly<Record<string, JsonSchema>> | undefined): Parameter[] =>
    Object.entries(schemas ?? {}).map(([name, { description = '', ...schema }]) => ({
      name,
      in: place,
      required: place === 'path',
      description,
      schema,
    }));
  const key: Parameter = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Names the payment when it has no transaction_id',
    schema: { type: 'string', pattern: '^[!-~]{1,100}$' },
  };
  return [...list('path', entry.path), ...list('query', entry.query), ...(entry.idempotencyKey ? [key] : [])];
}

/** What any route may answer. */
const ANY_ROUTE: readonly ErrorCode[] = ['MALFORMED_REQUEST', 'FOREIGN_HOST', 'INTERNAL'];

/** Codes of every problem a route may answer, by status. */
export function problemsOf(name: RouteName): ReadonlyMap<number, readonly ErrorCode[]> {
  const { problems, isNeverLimited } = ROUTES[name];
  const guarded: readonly ErrorCode[] =
    ROUTE_PERMISSIONS[name] === 'public' ? [] : ['UNAUTHENTICATED', 'FORBIDDEN', 'SHUTTING_DOWN'];
  const limited: readonly ErrorCode[] = guarded.length === 0 || isNeverLimited ? [] : ['RATE_LIMITED'];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...problems, ...guarded, ...limited, ...ANY_ROUTE]) {
    const status = STATUS_OF[ERRORS[code].kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function responsesOf(name: RouteName): Readonly<Record<string, ApiResponse>> {
  const { answer, alsoStatus } = ROUTES[name];
  const content = { [answer.mediaType]: { schema: answer.schema } };
  const headers = answer.mediaType === JSON_TYPE ? { headers: PROCESS_TIME } : {};
  const responses: Record<string, ApiResponse> = { 200: { description: 'Done', ...headers, content } };
  if (alsoStatus !== undefined) {
    responses[alsoStatus.status] = { description: alsoStatus.description, ...headers, content };
  }
  for (const [status, codes] of [...problemsOf(name)].sort(([a], [b]) => a - b)) {
    responses[status] ??= {
      description: codes.join(', '),
      content: { [PROBLEM_TYPE]: { schema: PROBLEM } },
    };
  }
  return responses;
}

function operationOf(name: RouteName): Operation {
  const entry = ROUTES[name];
  const permission = ROUTE_PERMISSIONS[name];
  const parameters = parametersOf(entry);
  const roles = permission === 'public' ? '' : `Roles: ${HOLDERS[permission].join(', ')}.`;
  const description = [entry.description, roles].filter((part) => part !== undefined && part !== '').join(' ');
  return {
    operationId: entry.operation,
    tags: [entry.tag],
    summary: entry.summary,
    ...(description === '' ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(entry.body === undefined
      ? {}
      : { requestBody: { required: true, content: { [entry.body.mediaType]: { schema: entry.body.schema } } } }),
    responses: responsesOf(name),
    security: permission === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }],
  };
}

export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];

export function openApiDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const name of ROUTE_NAMES) {
    const [method, url] = name.split(' ') as [string, string];
    (paths[url.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = operationOf(name);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sentinel',
      version: API_VERSION,
      description:
        'Scores payments before they settle, says why, decides and remembers. Amounts are decimals with a currency, times RFC 3339, errors RFC 9457 problems with a stable code. Keys are needed once any is configured.',
    },
    tags: [...new Set(ROUTE_NAMES.map((name) => ROUTES[name].tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}
