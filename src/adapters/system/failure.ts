/** An error on its way from one thread to another: what of it survives being copied. */
import { type ErrorCode, type ErrorDetails, SentinelError } from '../../domain/errors.ts';

export interface Failure {
  readonly message: string;
  /** Of a SentinelError. */
  readonly code?: ErrorCode;
  readonly details?: ErrorDetails;
  /** Of any other: where it was thrown, for the log. */
  readonly stack?: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof SentinelError) return { message: error.message, code: error.code, details: error.details };
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack !== undefined && { stack: error.stack }) };
}

/** The same error in the other thread. */
export function errorOf({ message, code, details, stack }: Failure): Error {
  if (code !== undefined) return new SentinelError(code, details);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
