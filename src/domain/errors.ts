/** Every error code: its kind, what it says and what to do. */
import { maskPans } from './pan.ts';

export const ERROR_KINDS = [
  'malformed',
  'invalid',
  'unauthorized',
  'forbidden',
  'not-found',
  'conflict',
  'not-allowed',
  'too-large',
  'unsupported',
  'too-many',
  'unavailable',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface ErrorDefinition {
  readonly kind: ErrorKind;
  /** `{name}` is filled from the details. */
  readonly message: string;
  readonly remedy: string;
}

export const ERRORS = {
  INVALID_REQUEST: {
    kind: 'invalid',
    message: '{field}: {problem}',
    remedy: 'Correct the field named and send the request again.',
  },
  MALFORMED_REQUEST: {
    kind: 'malformed',
    message: 'The request is not well-formed HTTP: {problem}',
    remedy: 'Check the request line, the headers and the length of the body.',
  },
  INVALID_JSON: {
    kind: 'malformed',
    message: 'The body is not valid JSON: {problem}',
    remedy: 'Send one UTF-8 JSON document.',
  },
  UNKNOWN_CURRENCY: {
    kind: 'invalid',
    message: 'currency: no exchange rate for {currency}',
    remedy: 'Use a currency of the policy’s rate table, or add a rate to the policy.',
  },
  TIMESTAMP_IN_FUTURE: {
    kind: 'invalid',
    message: 'timestamp: {timestamp} lies more than 5 minutes ahead',
    remedy: 'Check the sender’s clock.',
  },
  BODY_TOO_LARGE: {
    kind: 'too-large',
    message: 'The body exceeds {limit} bytes',
    remedy: 'Send fewer or smaller items.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    kind: 'unsupported',
    message: 'The body must be {expected}, uncompressed and in UTF-8',
    remedy: 'Send it so, with that Content-Type and without Content-Encoding.',
  },
  METHOD_NOT_ALLOWED: {
    kind: 'not-allowed',
    message: 'This address answers {allowed} only',
    remedy: 'Use one of those methods; /openapi.json lists all routes.',
  },
  RATE_LIMITED: {
    kind: 'too-many',
    message: 'More than {limit} payments or calls a second with this key',
    remedy: 'Retry after the time in Retry-After, or ask for a higher limit.',
  },
  UNAUTHENTICATED: {
    kind: 'unauthorized',
    message: 'No valid API key',
    remedy: 'Send the key as “Authorization: Bearer KEY” or “X-API-Key: KEY”.',
  },
  FORBIDDEN: {
    kind: 'forbidden',
    message: 'The key’s role {role} may not do this',
    remedy: 'Use a key with the role {needed}.',
  },
  FOREIGN_HOST: {
    kind: 'forbidden',
    message: 'Without API keys the service answers as localhost only, and the Host header names something else',
    remedy: 'Ask localhost or 127.0.0.1, let a proxy in front send that as Host, or add API keys.',
  },
  NOT_FOUND: { kind: 'not-found', message: '{what} {id} is not known', remedy: 'Check the id.' },
  ADDRESS_UNKNOWN: {
    kind: 'not-found',
    message: 'There is nothing at {address}',
    remedy: 'Check the address: /openapi.json lists all there are, /docs shows them.',
  },
  ID_REUSED: {
    kind: 'conflict',
    message: 'transaction_id {id} was used before with other content',
    remedy: 'Use a new id for a new payment; repeat a payment with the very same content.',
  },
  OVERLOADED: {
    kind: 'unavailable',
    message: 'More payments and labels are in flight than can be answered in time',
    remedy: 'Retry after the time in Retry-After.',
  },
  NOT_READY: { kind: 'unavailable', message: 'Not ready: {reason}', remedy: 'Retry after the time in Retry-After.' },
  SHUTTING_DOWN: {
    kind: 'unavailable',
    message: 'The service is shutting down',
    remedy: 'Retry; another instance or the restarted one will answer.',
  },
  JOURNAL_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'The decision could not be recorded, so none was given',
    remedy: 'Retry with the same transaction_id.',
  },
  BROKER_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'Kafka at {brokers}: {problem}',
    remedy: 'See that the brokers run and can be reached, and that the topics were made.',
  },
  STORE_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'Redis at {address}: {problem}',
    remedy: 'Start it, give it memory, or correct REDIS_URL or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD.',
  },
  JOURNAL_WITHHELD: {
    kind: 'unavailable',
    message:
      'Nothing behind offset {offset} of topic {topic}, partition {partition}, can be read: a transaction there does not end',
    remedy: 'Run sentinel doctor, which says how to end it. What was answered is kept, and is there once it has ended.',
  },
  DISK_FULL: {
    kind: 'unavailable',
    message: 'The disk is full, so no decision could be recorded and none was given',
    remedy:
      'Make room where the data directory is: the service then goes on by itself. Retry with the same transaction_id.',
  },
  JOURNAL_MISSING: {
    kind: 'invalid',
    message: '{place}: there is no journal',
    remedy:
      'Name the data directory of the service with --data-dir; sentinel serve makes a journal when it first starts.',
  },
  JOURNAL_CORRUPT: {
    kind: 'internal',
    message: 'Journal damaged at {place}: {problem}',
    remedy: 'Restore the file from a backup (sentinel restore), or run sentinel verify to see what is affected.',
  },
  JOURNAL_UNFINISHED: {
    kind: 'conflict',
    message: 'The journal at {place} is not whole: its import was interrupted',
    remedy: 'Run the same sentinel journal import again, which goes on where it ended; or move the journal away.',
  },
  ARTIFACT_INVALID: {
    kind: 'invalid',
    message: 'Model artifact {path}: {problem}',
    remedy: 'Train again (sentinel train) or restore the artifact from a backup.',
  },
  NO_MODEL: {
    kind: 'unavailable',
    message: 'Nothing can be scored: no model is in production',
    remedy:
      'Train one of your data (sentinel train), or promote one that is there (sentinel models promote VERSION); sentinel up makes a first one.',
  },
  MODEL_UNREADABLE: {
    kind: 'invalid',
    message: 'Model file {file}, read as {format}: {problem}',
    remedy:
      'Save the model again in that format, or name its features with --features; docs/how-to/foreign-models.md says what can be read.',
  },
  GRAPH_FAILED: {
    kind: 'invalid',
    message: 'The graph run by ONNX Runtime: {problem}',
    remedy: 'docs/how-to/foreign-models.md says what such a model needs.',
  },
  ENGINE_FAILED: {
    kind: 'invalid',
    message: 'The native engine {engine}: {problem}',
    remedy:
      'docs/how-to/native-engines.md says what an engine needs; `sentinel engines add {engine}` makes a broken one anew.',
  },
  CONFIG_INVALID: {
    kind: 'invalid',
    message: 'Configuration: {problems}',
    remedy: 'Correct the settings named; docs/reference/configuration.md lists them all.',
  },
  DATA_INVALID: {
    kind: 'invalid',
    message: '{file}, line {line}, column {column}: {problem} (value {value})',
    remedy: 'Correct the row, or choose the mapping that fits the file (sentinel datasets).',
  },
  DATA_UNREADABLE: {
    kind: 'invalid',
    message: '{file}: {problem}',
    remedy: 'Check the path, and that what lies there is whole; payments are read from CSV or Parquet, gzip allowed.',
  },
  OUTPUT_UNWRITABLE: {
    kind: 'invalid',
    message: 'Cannot write {path}: {problem}',
    remedy: 'Name another place, or make room for it there.',
  },
  POLICY_INVALID: {
    kind: 'invalid',
    message: 'Policy, {place}: {problem}',
    remedy: 'Correct the policy file at the place named.',
  },
  LABELS_INSUFFICIENT: {
    kind: 'invalid',
    message: 'Too little to learn from or to measure on: {problem}',
    remedy: 'Give more labelled data, or a longer period.',
  },
  FEATURE_KNOWS_FUTURE: {
    kind: 'invalid',
    message:
      'The feature {feature} knows the future: for payment {transactionId} it is {used}, but {past} from what was known by then',
    remedy: 'Take the feature out, or compute it from earlier payments and labels that had arrived only.',
  },
  ALREADY_RUNNING: {
    kind: 'conflict',
    message: '{path} is in use by process {pid}',
    remedy: 'Stop that process first, or choose another data directory.',
  },
  SERVICE_UNREACHABLE: {
    kind: 'unavailable',
    message: 'No service answers at {url}: {problem}',
    remedy: 'Start it (sentinel serve), or name another one in SENTINEL_URL.',
  },
  SERVICE_REFUSED: {
    kind: 'invalid',
    message: '{url} answered {status}: {problem}',
    remedy: 'Correct what was sent; for 401 and 403 set SENTINEL_API_KEY.',
  },
  TRACKING_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'MLflow at {uri}: {problem}',
    remedy: 'Nothing is lost: what was not sent is kept, and sent by the next train, models or runs sync.',
  },
  TRACKING_REFUSED: {
    kind: 'invalid',
    message: 'MLflow at {uri} refuses {what}: {problem}',
    remedy: 'Correct what it names on the server; sentinel runs sync tries again.',
  },
  DATABASE_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'PostgreSQL at {address} cannot be reached: {problem}',
    remedy:
      'Start it, or correct DATABASE_URL or DB_HOST and DB_PORT. Nothing is lost meanwhile: the ledger catches up from the journal.',
  },
  DATABASE_REFUSED: {
    kind: 'invalid',
    message: 'PostgreSQL at {address} cannot hold the ledger: {problem}',
    remedy: '{advice}',
  },
  LEDGER_OF_ANOTHER_JOURNAL: {
    kind: 'invalid',
    message: 'The ledger at {ledger} was not projected from the journal at {journal}: {problem}',
    remedy:
      'Nothing is projected, and nothing was changed. Correct the database, the data directory, the brokers or the topic prefix; to ' +
      'replace the ledger’s rows by this journal’s: sentinel ledger rebuild --yes.',
  },
  RUN_DAMAGED: {
    kind: 'invalid',
    message: 'Run file {path}: {problem}',
    remedy: 'Restore the file from a backup, or delete the directory of the run.',
  },
  PIPELINE_INVALID: {
    kind: 'invalid',
    message: '{file}: {problems}',
    remedy: 'Correct the places named; docs/how-to/pipelines.md shows a whole file.',
  },
  PORT_UNAVAILABLE: {
    kind: 'conflict',
    message: 'Cannot listen on {host}:{port}: {problem}',
    remedy:
      'Stop what uses it, or choose another with --port (0 takes a free one), for a stream worker with --worker-port.',
  },
  USAGE: { kind: 'invalid', message: '{problem}', remedy: 'Run the command with --help.' },
  INTERNAL: {
    kind: 'internal',
    message: 'Something failed inside',
    remedy: 'The log holds the cause under this request’s id.',
  },
} as const satisfies Readonly<Record<string, ErrorDefinition>>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** The sentence with the details in their places; what it quotes of a file, a line or an address may be a card number. */
function filled(sentence: string, details: ErrorDetails): string {
  return maskPans(sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?')));
}

/** A failure with a stable code; `message` is safe to show to anyone, `cause` is for the log. */
export class SentinelError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(filled(ERRORS[code].message, details), cause === undefined ? undefined : { cause });
    this.name = 'SentinelError';
    this.code = code;
    this.details = details;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  get remedy(): string {
    const definition: ErrorDefinition = ERRORS[this.code];
    return filled(definition.remedy, this.details);
  }
}
