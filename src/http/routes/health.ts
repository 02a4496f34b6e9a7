/** Is it alive, is it ready, how is it: for orchestrators and people. */
import { type FastifyInstance } from 'fastify';
import { encodeHealth } from '../../wire/health.ts';
import { type Edge } from '../edge.ts';

export function addHealthRoutes(server: FastifyInstance, edge: Edge): void {
  const { deps, gate } = edge;

  edge.route(server, 'GET /health', async (request, reply) => {
    const health = await deps.health();
    reply.code(health.status === 'unhealthy' ? 503 : 200);
    return edge.send(request, reply, encodeHealth(health));
  });

  edge.route(server, 'GET /livez', (request, reply) => edge.send(request, reply, '{"alive":true}'));

  edge.route(server, 'GET /readyz', async (request, reply) => {
    const { ready, reason } = gate.isClosing ? { ready: false, reason: 'shutting down' } : await deps.readiness();
    reply.code(ready ? 200 : 503);
    return edge.send(request, reply, JSON.stringify({ ready, reason }));
  });
}
