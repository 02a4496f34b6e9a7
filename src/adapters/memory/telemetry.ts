/** Telemetry that nobody reads. */
import { type Telemetry } from '../../ports/telemetry.ts';

const nothing = (): void => undefined;

export const silentTelemetry: Telemetry = {
  decision: nothing,
  cacheHit: nothing,
  fallback: nothing,
  late: nothing,
  label: nothing,
  retrieval: nothing,
  commit: nothing,
  request: nothing,
};
