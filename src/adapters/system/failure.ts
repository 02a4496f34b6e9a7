/** An error on its way from one thread to another: what of it survives being copied. */
import { inspect } from 'node:util';
import { type ErrorCode, type ErrorDetails, SentinelError } from '../../domain/errors.ts';

/** Causes behind causes that are told; an error may be its own. */
const MOST_CAUSES = 5;

export interface Failure {
  readonly message: string;
  /** Of a SentinelError. */
  readonly code?: ErrorCode;
  readonly details?: ErrorDetails;
  /** Of any other: where it was thrown, for the log. */
  readonly stack?: string;
  readonly cause?: Failure;
}

export function failureOf(error: unknown, causes = MOST_CAUSES): Failure {
  if (!(error instanceof Error))
    return { message: typeof error === 'object' ? inspect(error, { depth: 1 }) : String(error) };
  const { message, stack } = error;
  const cause = error.cause !== undefined && causes > 0 ? { cause: failureOf(error.cause, causes - 1) } : undefined;
  if (error instanceof SentinelError) return { message, code: error.code, details: error.details, ...cause };
  return { message, ...(stack !== undefined && { stack }), ...cause };
}

/** The same error in the other thread. */
export function errorOf({ message, code, details, stack, cause }: Failure): Error {
  const because = cause && errorOf(cause);
  if (code !== undefined) return new SentinelError(code, details, because);
  const error = new Error(message, because && { cause: because });
  if (stack !== undefined) error.stack = stack;
  return error;
}
