/** The service's health as orchestrators and people read it. */
import { formatRfc3339 } from '../domain/time.ts';
import { type Health, type PartStatus } from '../usecases/service-health.ts';
import { flag, type JsonSchema, moment, number, objectSchema, text } from './schema.ts';

export function encodeHealth(health: Health): string {
  return JSON.stringify({
    status: health.status,
    model_loaded: health.modelVersion !== undefined,
    model_version: health.modelVersion ?? null,
    cache_status: health.cache,
    database_status: health.database,
    stream_status: health.stream,
    uptime: health.uptimeMs / 1_000,
    timestamp: formatRfc3339(health.checkedMs),
  });
}

const PARTS: readonly PartStatus[] = ['connected', 'degraded', 'disconnected', 'disabled'];
const PART: JsonSchema = { enum: PARTS };

export const HEALTH_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Health: objectSchema({
    status: {
      enum: ['healthy', 'degraded', 'unhealthy'],
      description: 'unhealthy: no payments are taken; degraded: they are, though a part is impaired or away',
    },
    model_loaded: flag('Whether a model is in service'),
    model_version: { type: ['string', 'null'], description: 'Its version' },
    cache_status: { ...PART, description: 'The profile store' },
    database_status: { ...PART, description: 'The ledger' },
    stream_status: { ...PART, description: 'The journal' },
    uptime: number('Seconds since the start'),
    timestamp: moment('When this was checked'),
  }),
  Readiness: objectSchema({ ready: flag('Whether payments are taken'), reason: text('Why not; `ready` when ready') }),
  Liveness: objectSchema({ alive: { const: true, description: 'Always, when it answers' } }),
};
