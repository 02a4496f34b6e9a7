/** Every route as it is published: what it does, takes and answers; the source of OpenAPI and of the API reference. */
import { type RouteName } from '../access/permissions.ts';
import { ENTITY_KINDS } from '../domain/entity.ts';
import { type ErrorCode } from '../domain/errors.ts';
import { NDJSON_TYPE } from '../wire/ndjson.ts';
import { DECISION_PARAMETERS, PERIOD_PARAMETERS } from '../wire/query.ts';
import { type JsonSchema, named } from '../wire/schema.ts';

export interface RouteEntry {
  readonly operation: string;
  readonly tag: 'Scoring' | 'Decisions' | 'Labels' | 'Models' | 'Monitoring' | 'Service';
  readonly summary: string;
  /** More than the summary can say, where needed. */
  readonly description?: string;
  readonly body?: { readonly mediaType: string; readonly schema: JsonSchema };
  readonly path?: Readonly<Record<string, JsonSchema>>;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** Whether it reads Idempotency-Key. */
  readonly idempotencyKey?: true;
  readonly answer: { readonly mediaType: string; readonly schema: JsonSchema };
  /** An answer of the same shape with another status. */
  readonly alsoStatus?: { readonly status: number; readonly description: string };
  /** Whether the limit of calls never refuses it: a stream waits instead, and a monitor must see what is refused. */
  readonly isNeverLimited?: true;
  /** Codes of the problems it may answer, beside those of every route. */
  readonly problems: readonly ErrorCode[];
}

export const JSON_TYPE = 'application/json';
const json = (name: string) => ({ mediaType: JSON_TYPE, schema: named(name) });
const page = { mediaType: 'text/html', schema: { type: 'string' } } as const;

const BODY: readonly ErrorCode[] = ['INVALID_JSON', 'INVALID_REQUEST', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const SCORING: readonly ErrorCode[] = [
  'UNKNOWN_CURRENCY',
  'TIMESTAMP_IN_FUTURE',
  'ID_REUSED',
  'OVERLOADED',
  'NOT_READY',
  'DISK_FULL',
  'JOURNAL_UNAVAILABLE',
];

export const ROUTES: Readonly<Record<RouteName, RouteEntry>> = {
  'POST /api/v1/predict': {
    operation: 'predict',
    tag: 'Scoring',
    summary: 'Score one payment',
    description:
      'The answer is given once the decision is recorded durably. The same transaction_id (or Idempotency-Key) with the same content gets the first answer again, with cached true; with other content it is refused with 409.',
    body: json('Payment'),
    idempotencyKey: true,
    answer: json('Decision'),
    problems: [...BODY, ...SCORING],
  },
  'POST /api/v1/predict/batch': {
    operation: 'predictBatch',
    tag: 'Scoring',
    summary: 'Score up to 100 payments',
    description:
      'Each item succeeds or fails by itself. With an Idempotency-Key, item 3 without a transaction_id is called KEY:3.',
    body: json('Batch'),
    idempotencyKey: true,
    answer: json('BatchResult'),
    problems: [...BODY, 'OVERLOADED', 'NOT_READY', 'DISK_FULL', 'JOURNAL_UNAVAILABLE'],
  },
  'POST /api/v1/predict/stream': {
    operation: 'predictStream',
    tag: 'Scoring',
    summary: 'Score payments as they come, one JSON document a line',
    description:
      'Lines are answered in order, each as soon as it is recorded; reading pauses while the answers are not read. A client that reads nothing before it has sent everything therefore waits for ever once the connection is full of answers, after some thousand lines: read while you send, or send parts of a thousand. A line that fails is answered with its number and the problem.',
    body: { mediaType: NDJSON_TYPE, schema: named('Payment') },
    answer: { mediaType: NDJSON_TYPE, schema: { anyOf: [named('Decision'), named('FailedLine')] } },
    isNeverLimited: true,
    problems: ['INVALID_JSON', 'INVALID_REQUEST', 'UNSUPPORTED_MEDIA_TYPE'],
  },
  'POST /predict': {
    operation: 'predictShort',
    tag: 'Scoring',
    summary: 'Score one payment in the short form',
    description: 'US dollars, category unknown, type purchase. Use an Idempotency-Key to be able to repeat it.',
    body: json('ShortPayment'),
    idempotencyKey: true,
    answer: json('ShortResult'),
    problems: [...BODY, ...SCORING],
  },
  'GET /api/v1/decisions/:transaction_id': {
    operation: 'getDecision',
    tag: 'Decisions',
    summary: 'One decision, every contribution, and the earlier payments behind each number',
    path: { transaction_id: { type: 'string', description: 'As sent with the payment, or as chosen for it' } },
    answer: json('ExplainedDecision'),
    problems: ['NOT_FOUND', 'INVALID_REQUEST', 'NOT_READY'],
  },
  'GET /api/v1/decisions': {
    operation: 'listDecisions',
    tag: 'Decisions',
    summary: 'Decisions, newest first',
    description:
      'The latest are there at once; older ones as the ledger stands, so that some are missing while it catches up, as after a crash or a rebuild. complete is then false, and ledger_lag_records of /api/v1/monitoring/metrics above 0.',
    query: DECISION_PARAMETERS,
    answer: json('DecisionPage'),
    problems: ['INVALID_REQUEST', 'NOT_READY'],
  },
  'GET /api/v1/entities/:kind/:id': {
    operation: 'getEntity',
    tag: 'Decisions',
    summary: 'What is known of a user, card, device, IP address or merchant',
    path: {
      kind: { type: 'string', enum: ENTITY_KINDS, description: 'Kind of entity' },
      id: { type: 'string', description: 'Its id' },
    },
    answer: json('Entity'),
    problems: ['NOT_FOUND', 'INVALID_REQUEST', 'NOT_READY'],
  },
  'GET /api/v1/stats': {
    operation: 'getStats',
    tag: 'Decisions',
    summary: 'Counts and money of a period',
    description:
      'As the ledger stands, a moment behind the journal; ledger_lag_records says how far. While it starts, or is switched off, the answer is 503.',
    query: PERIOD_PARAMETERS,
    answer: json('Stats'),
    problems: ['INVALID_REQUEST', 'NOT_READY'],
  },
  'POST /api/v1/labels': {
    operation: 'recordLabels',
    tag: 'Labels',
    summary: 'Say what became of payments: one label, or up to 1,000',
    description:
      'A label for a payment not seen yet waits up to 30 days; a later one of the same source takes its place. In a batch each label succeeds or fails by itself; those of one payment are recorded in their order.',
    body: { mediaType: JSON_TYPE, schema: { anyOf: [named('LabelRequest'), named('LabelBatch')] } },
    answer: { mediaType: JSON_TYPE, schema: { anyOf: [named('LabelReceipt'), named('LabelBatchResult')] } },
    problems: [...BODY, 'OVERLOADED', 'NOT_READY', 'DISK_FULL', 'JOURNAL_UNAVAILABLE'],
  },
  'GET /api/v1/model/info': {
    operation: 'getModelInfo',
    tag: 'Models',
    summary: 'The model in service',
    answer: json('ModelInfo'),
    problems: ['INVALID_REQUEST', 'NOT_READY'],
  },
  'GET /api/v1/models': {
    operation: 'listModels',
    tag: 'Models',
    summary: 'All registered models, newest first',
    answer: json('Models'),
    problems: ['INVALID_REQUEST'],
  },
  'GET /api/v1/monitoring/metrics': {
    operation: 'getMonitoringMetrics',
    tag: 'Monitoring',
    summary: 'The service’s own figures since it started',
    answer: json('MonitoringMetrics'),
    problems: ['INVALID_REQUEST'],
  },
  'GET /metrics': {
    operation: 'getPrometheusMetrics',
    tag: 'Monitoring',
    summary: 'Metrics in Prometheus’ text format',
    answer: { mediaType: 'text/plain', schema: { type: 'string' } },
    isNeverLimited: true,
    problems: [],
  },
  'GET /api/v1/config': {
    operation: 'getConfig',
    tag: 'Service',
    summary: 'All settings in force, secrets hidden',
    answer: json('Config'),
    problems: ['INVALID_REQUEST'],
  },
  'GET /health': {
    operation: 'getHealth',
    tag: 'Service',
    summary: 'Health of every part, each checked now',
    answer: json('Health'),
    alsoStatus: { status: 503, description: 'Some part that payments need does not work' },
    problems: [],
  },
  'GET /livez': {
    operation: 'getLiveness',
    tag: 'Service',
    summary: 'Whether the process answers at all',
    answer: json('Liveness'),
    problems: [],
  },
  'GET /readyz': {
    operation: 'getReadiness',
    tag: 'Service',
    summary: 'Whether payments are taken',
    answer: json('Readiness'),
    alsoStatus: { status: 503, description: 'Payments are not taken now' },
    problems: [],
  },
  'GET /openapi.json': {
    operation: 'getOpenApi',
    tag: 'Service',
    summary: 'This description',
    answer: { mediaType: JSON_TYPE, schema: { type: 'object' } },
    problems: [],
  },
  'GET /docs': {
    operation: 'getDocs',
    tag: 'Service',
    summary: 'This description to read and try',
    answer: page,
    problems: [],
  },
  'GET /redoc': {
    operation: 'getReference',
    tag: 'Service',
    summary: 'This description to read and print',
    answer: page,
    problems: [],
  },
};
