/** What went wrong, as an RFC 9457 problem with a stable code. */
import { ERRORS, type ErrorKind, SentinelError } from '../domain/errors.ts';
import { type JsonSchema, named, objectSchema } from './schema.ts';

/** Media type of a problem. Source: RFC 9457 section 6.1. */
export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  /** The request field it is about, where there is one. */
  readonly field?: string;
  /** The request it happened in; the log has it too. */
  readonly instance?: string;
}

const TITLES: Readonly<Record<ErrorKind, string>> = {
  malformed: 'Malformed request',
  invalid: 'Invalid request',
  unauthorized: 'Not authenticated',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'Conflict',
  'not-allowed': 'Method not allowed',
  'too-large': 'Body too large',
  unsupported: 'Unsupported media type',
  'too-many': 'Too many requests',
  unavailable: 'Temporarily unavailable',
  internal: 'Internal error',
};

export function toProblem(error: SentinelError, status: number, instance?: string): Problem {
  const field = fieldOf(error);
  return {
    type: `urn:sentinel:error:${error.code}`,
    title: TITLES[error.kind],
    status,
    code: error.code,
    detail: error.message,
    remedy: error.remedy,
    ...(field === undefined ? {} : { field }),
    ...(instance === undefined ? {} : { instance }),
  };
}

function fieldOf(error: SentinelError): string | undefined {
  if (typeof error.details.field === 'string') return error.details.field;
  if (error.code === 'UNKNOWN_CURRENCY') return 'currency';
  if (error.code === 'TIMESTAMP_IN_FUTURE') return 'timestamp';
  if (error.code === 'ID_REUSED') return 'transaction_id';
  return undefined;
}

/** The same error, its field called as the request calls it; what is about no field stays as it is. */
export function renameField(error: unknown, rename: (field: string) => string): unknown {
  const field = error instanceof SentinelError ? fieldOf(error) : undefined;
  if (!(error instanceof SentinelError) || field === undefined) return error;
  return new SentinelError(error.code, { ...error.details, field: rename(field) }, error.cause);
}

export const PROBLEM_SCHEMA: JsonSchema = objectSchema(
  {
    type: { type: 'string', description: '`urn:sentinel:error:` and the code' },
    title: { type: 'string', description: 'The kind of problem' },
    status: { type: 'integer', description: 'The HTTP status' },
    code: { type: 'string', enum: Object.keys(ERRORS), description: 'Stable; branch on it' },
    detail: { type: 'string', description: 'What went wrong, safe to show' },
    remedy: { type: 'string', description: 'What to do about it' },
    field: { type: 'string', description: 'The request field it is about' },
    instance: { type: 'string', description: 'The request, as the log names it' },
  },
  { optional: ['field', 'instance'], description: 'A problem as RFC 9457 defines it' },
);

export const PROBLEM = named('Problem');
