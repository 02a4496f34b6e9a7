/** The route table of who may what: every route needs one permission, or none because it tells nothing secret. */
import { type Permission } from './roles.ts';

export const ROUTE_PERMISSIONS = {
  'GET /health': 'public',
  'GET /livez': 'public',
  'GET /readyz': 'public',
  'POST /api/v1/predict': 'score',
  'POST /api/v1/predict/batch': 'score',
  'POST /api/v1/predict/stream': 'score',
  'POST /predict': 'score',
  'POST /api/v1/labels': 'label',
  'GET /api/v1/decisions/:transaction_id': 'read-decision',
  'GET /api/v1/decisions': 'read',
  'GET /api/v1/entities/:kind/:id': 'read',
  'GET /api/v1/stats': 'read',
  'GET /api/v1/model/info': 'read',
  'GET /api/v1/models': 'read',
  'GET /api/v1/monitoring/metrics': 'read',
  'GET /api/v1/config': 'read-config',
  'GET /metrics': 'read-metrics',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /redoc': 'public',
} as const satisfies Readonly<Record<string, Permission | 'public'>>;

export type RouteName = keyof typeof ROUTE_PERMISSIONS;
