/** The query of a request, as routes read it. */
import { type FastifyRequest } from 'fastify';
import { SentinelError } from '../domain/errors.ts';
import { type QueryParameters, readNoParameters } from '../wire/query.ts';

/** What cannot be decoded would be taken as it was sent, and nothing be found by it. */
export function queryOf({ url, query }: FastifyRequest): QueryParameters {
  try {
    decodeURIComponent(url);
  } catch (error) {
    throw new SentinelError('MALFORMED_REQUEST', { problem: 'the query is not percent-encoded UTF-8' }, error);
  }
  return query as QueryParameters;
}

/** Throws INVALID_REQUEST for any parameter: it would change nothing, and its sender believe that it does. */
export function takeNoQuery(request: FastifyRequest): void {
  if (request.url.includes('?')) readNoParameters(queryOf(request));
}
