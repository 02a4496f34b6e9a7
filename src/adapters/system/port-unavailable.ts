/** What a server that cannot listen says of it. */
import { SentinelError } from '../../domain/errors.ts';

/** What Node rejects a `listen` with, as PORT_UNAVAILABLE. */
export function portUnavailable(host: string, port: number, error: Error): SentinelError {
  const problem = error.message.includes('EADDRINUSE') ? 'it is already in use' : error.message;
  return new SentinelError('PORT_UNAVAILABLE', { host, port, problem }, error);
}
