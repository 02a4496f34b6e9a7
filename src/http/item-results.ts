/** What became of the items of one request that succeed or fail each by itself. */
import { type FastifyRequest } from 'fastify';
import { type Problem } from '../wire/problem.ts';
import { type Edge } from './edge.ts';

/** The answer or the problem of each item, in order; throws what failed every item when it was the service and not the items. */
export function itemResults<T>(
  settled: readonly PromiseSettledResult<T>[],
  request: FastifyRequest,
  edge: Pick<Edge, 'problemOf'>,
): (T | Problem)[] {
  let refused = 0;
  const results = settled.map((item) => {
    if (item.status === 'fulfilled') return item.value;
    const problem = edge.problemOf(item.reason, request);
    if (problem.status === 503) refused++;
    return problem;
  });
  const [first] = settled;
  if (first?.status === 'rejected' && refused === settled.length) throw first.reason;
  return results;
}
