/** The real service in this process: a small model in a scratch registry, a data directory, calls over HTTP. */
import { join } from 'node:path';
import { createFileModelRegistry } from '../../src/adapters/registry-files/model-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { type Service, startService } from '../../src/compose/service.ts';
import { type Config, readConfig, type SettingName } from '../../src/config.ts';
import { replayOrder } from '../../src/datasets/replay-order.ts';
import { DEFAULT_RATES } from '../../src/decisions/rates.ts';
import { DEFAULT_COSTS } from '../../src/domain/costs.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { catalogueFor } from '../../src/features/catalogue.ts';
import { type FeatureSettings } from '../../src/features/engine.ts';
import { type Log } from '../../src/ports/log.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { buildTrainingTable } from '../../src/usecases/build-training-table.ts';
import { trainModel } from '../../src/usecases/train-model.ts';
import { QUICK_LEARNERS } from './trained-ensembles.ts';

const SETTINGS: FeatureSettings = {
  catalogue: 'sentinel',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  merchantWindows: 'tiles',
};
const PAYMENTS = 4_000;
const SILENT: Log = { error: () => undefined, warn: () => undefined, info: () => undefined };

/** Trains a small model and puts it in production in `modelsDir`; returns its version. Takes a second or two. */
export async function trainQuickModel(modelsDir: string, overrides: Partial<FeatureSettings> = {}): Promise<string> {
  const settings = { ...SETTINGS, ...overrides };
  const registry = createFileModelRegistry(modelsDir, systemClock);
  const payments = createSimulation(simulationOf({ transactions: PAYMENTS, users: 400, fraudShare: 0.12, seed: 7 }));
  const events = [...replayOrder(payments, settings.labelDelayMs)];
  const table = await buildTrainingTable(
    (async function* () {
      yield events;
    })(),
    { settings, rates: DEFAULT_RATES },
  );
  const { artifact } = await trainModel(
    {
      table,
      settings,
      catalogue: catalogueFor(settings),
      learners: QUICK_LEARNERS.slice(1),
      costs: DEFAULT_COSTS,
      currency: DEFAULT_RATES.base,
      thresholdRule: { kind: 'cost-optimal' },
      servingBudgetUs: 10_000,
      replicates: 0,
      provenance: {
        codeVersion: '0.1.0',
        environment: {},
        seed: 1,
        learners: ['boosting'],
        data: { mapping: 'sentinel', path: 'simulated', sha256: '', rows: table.rows, fromMs: 0, toMs: 0 },
      },
    },
    { registry, clock: systemClock },
  );
  await registry.setStage(artifact.version, 'production');
  return artifact.version;
}

export function aConfig(
  directory: string,
  modelsDir: string,
  flags: Partial<Record<SettingName, string>> = {},
): Config {
  return readConfig({
    environment: {},
    flags: { dataDir: join(directory, 'data'), modelsDir, port: '0', ledger: 'false', segmentMib: '1', ...flags },
  });
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export interface Client {
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly get: (path: string) => Promise<Answer>;
}

export function aClient(url: string): Client {
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    return {
      status: response.status,
      body: (await response.json()) as Answer['body'],
      headers: response.headers,
    };
  };
  return {
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path) => call(path, {}),
  };
}

export const startQuiet = (config: Config, log = SILENT): Promise<Service> => startService(config, log);

/** Runs `work` against a service of its own; stops it afterwards. */
export async function withService<R>(
  config: Config,
  work: (client: Client, service: Service) => Promise<R>,
  log?: Log,
): Promise<R> {
  const service = await startQuiet(config, log);
  try {
    return await work(aClient(service.url), service);
  } finally {
    await service.close();
  }
}

/** A payment with what most features read. */
export function aPayment(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    user_id: 'user_1',
    amount: 25.5,
    merchant_id: 'merchant_1',
    merchant_category: 'grocery',
    transaction_type: 'purchase',
    card_id: 'card_1',
    device_id: 'device_1',
    device_type: 'mobile',
    location_country: 'US',
    latitude: 40.7,
    longitude: -74,
    ...overrides,
  };
}
