/** What people and pages read: decisions, entities, figures, models, settings. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ENTITY_KINDS } from '../../domain/entity.ts';
import { SentinelError } from '../../domain/errors.ts';
import { maskPans } from '../../domain/pan.ts';
import { DAY_MS } from '../../domain/time.ts';
import { encodeDecisionPage, encodeExplainedDecision } from '../../wire/decision-view.ts';
import { encodeEntity } from '../../wire/entity-view.ts';
import { readDecisionQuery, readPeriod } from '../../wire/query.ts';
import { readChoice } from '../../wire/read-value.ts';
import { encodeModelInfo, encodeModels, encodeMonitoringMetrics, encodeStats } from '../../wire/service-views.ts';
import { type Edge } from '../edge.ts';
import { queryOf, takeNoQuery } from '../query-of.ts';

/** Media type of Prometheus' text format. Source: Prometheus, Exposition formats, version 0.0.4. */
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const parametersOf = (request: FastifyRequest): Readonly<Record<string, string>> =>
  request.params as Readonly<Record<string, string>>;

export function addReadRoutes(server: FastifyInstance, edge: Edge): void {
  addDecisionReads(server, edge);
  addServiceReads(server, edge);
}

function addDecisionReads(server: FastifyInstance, edge: Edge): void {
  const { deps, decoder, gate } = edge;

  edge.route(server, 'GET /api/v1/decisions', async (request, reply) => {
    gate.limit(request.caller, 1);
    const page = await deps.listDecisions(readDecisionQuery(queryOf(request), decoder.protect));
    return edge.send(request, reply, encodeDecisionPage(page, deps.baseCurrency));
  });

  edge.route(server, 'GET /api/v1/decisions/:transaction_id', async (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    const explained = await deps.explainDecision(decoder.protect(parametersOf(request).transaction_id ?? ''));
    const { encodeDecision } = edge;
    return edge.send(request, reply, encodeExplainedDecision(explained, { encodeDecision, ...deps }));
  });

  edge.route(server, 'GET /api/v1/entities/:kind/:id', async (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    const parameters = parametersOf(request);
    const kind = readChoice('kind', parameters.kind, ENTITY_KINDS);
    const id = decoder.protect(parameters.id ?? '');
    const entity = await deps.describeEntity(kind, id);
    if (entity === undefined) throw new SentinelError('NOT_FOUND', { what: kind, id: maskPans(id) });
    return edge.send(request, reply, encodeEntity(entity, deps.baseCurrency));
  });
}

/** Now, or just behind the newest decision: where the clock was set back, it arrived later than now. */
async function endOfArrivals({ clock, listDecisions }: Edge['deps']): Promise<number> {
  const { rows } = await listDecisions({ limit: 1 });
  const nowMs = clock.nowMs();
  const newestMs = rows[0]?.arrivalMs ?? nowMs;
  return newestMs > nowMs ? newestMs + 1 : nowMs;
}

function addServiceReads(server: FastifyInstance, edge: Edge): void {
  const { deps, gate } = edge;

  edge.route(server, 'GET /api/v1/stats', async (request, reply) => {
    gate.limit(request.caller, 1);
    const query = queryOf(request);
    const period = readPeriod(query, query.to === undefined ? await endOfArrivals(deps) : 0, DAY_MS);
    const stats = await deps.stats(period.fromMs, period.toMs);
    return edge.send(request, reply, encodeStats(stats, period, deps.baseCurrency));
  });

  edge.route(server, 'GET /api/v1/model/info', async (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    const info = await deps.modelInfo();
    if (info === undefined) throw new SentinelError('NOT_READY', { reason: 'no model is in service' });
    return edge.send(request, reply, encodeModelInfo(info));
  });

  edge.route(server, 'GET /api/v1/models', async (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    return edge.send(request, reply, encodeModels(await deps.models()));
  });

  edge.route(server, 'GET /api/v1/monitoring/metrics', async (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    return edge.send(request, reply, encodeMonitoringMetrics(await deps.monitoringMetrics()));
  });

  edge.route(server, 'GET /api/v1/config', (request, reply) => {
    gate.limit(request.caller, 1);
    takeNoQuery(request);
    return edge.send(request, reply, JSON.stringify(deps.config()));
  });

  edge.route(server, 'GET /metrics', async (_request, reply) =>
    reply.header('Content-Type', PROMETHEUS_TYPE).send(await deps.metricsText()),
  );
}
