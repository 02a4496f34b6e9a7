import { expect, it } from 'vitest';
import { createStreamTelemetry } from '../../../src/adapters/prometheus/stream-telemetry.ts';
import { type StreamStatus } from '../../../src/ports/transaction-stream.ts';

it('tells how the stream stands, its lag by partition, and what was decided', async () => {
  const stream: { status?: StreamStatus } = {};
  let isAway = false;
  const telemetry = createStreamTelemetry({
    status: () => stream.status,
    lag: () =>
      isAway ? Promise.reject(new Error('no broker')) : Promise.resolve([{ topic: 't', partition: 3, messages: 17 }]),
    modelVersion: () => 'v1',
  });
  expect(await telemetry.metricsText()).toContain('sentinel_stream_handled_total 0');
  stream.status = { state: 'waiting', partitions: [], handled: 5, dead: 2, repeated: 1 };
  telemetry.decision('block', 0.9, { featuresUs: 10, scoreUs: 20 });
  telemetry.fallback('deadline');
  expect(telemetry.fallbacks()).toBe(1);
  const page = await telemetry.metricsText();
  for (const line of [
    'sentinel_stream_handled_total 5',
    'sentinel_stream_dead_total 2',
    'sentinel_stream_repeated_total 1',
    'sentinel_stream_state{state="waiting"} 1',
    'sentinel_stream_state{state="running"} 0',
    'sentinel_stream_lag_messages{topic="t",partition="3"} 17',
    'sentinel_decisions_total{outcome="block"} 1',
    'sentinel_model_info{version="v1"} 1',
  ])
    expect(page).toContain(line);
  isAway = true;
  expect(await telemetry.metricsText()).not.toContain('partition="3"');
});
