/** Any failure → a Sentinel error and its HTTP status: the one place where kinds become statuses. */
import { type ErrorKind, SentinelError } from '../domain/errors.ts';

export const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  invalid: 422,
  'too-many': 429,
  internal: 500,
  unavailable: 503,
};

/** After how many seconds a refused request may be sent again, where nothing tells more precisely. */
export const RETRY_AFTER_SECONDS = 1;

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
}

/** Those about a page's files have a status and no code. */
function isFrameworkError(error: unknown): error is FrameworkError {
  if (typeof error !== 'object' || error === null) return false;
  return 'statusCode' in error || ('code' in error && String(error.code).startsWith('FST_'));
}

/** What the route allows, for messages. */
export interface RouteLimits {
  readonly bodyBytes: number;
  readonly mediaType: string;
}

function fromFramework(error: FrameworkError, route: RouteLimits): SentinelError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new SentinelError('BODY_TOO_LARGE', { limit: route.bodyBytes }, error);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return new SentinelError('UNSUPPORTED_MEDIA_TYPE', { expected: route.mediaType }, error);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new SentinelError(
        'MALFORMED_REQUEST',
        { problem: 'the body is not as long as Content-Length says' },
        error,
      );
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new SentinelError('MALFORMED_REQUEST', { problem: 'the address is not a valid URL path' }, error);
    default:
      if (error.statusCode !== undefined && error.statusCode < 500) {
        return new SentinelError('MALFORMED_REQUEST', { problem: 'it cannot be read' }, error);
      }
      return new SentinelError('INTERNAL', {}, error);
  }
}

/** A Sentinel error as it is; a fault of the request as its code; everything else as INTERNAL with its cause. */
export function toSentinelError(error: unknown, route: RouteLimits): SentinelError {
  if (error instanceof SentinelError) return error;
  return isFrameworkError(error) ? fromFramework(error, route) : new SentinelError('INTERNAL', {}, error);
}
