/** sentinel bench serve: the whole service under open-loop load, by itself or on servers of its own. */
import { chmod } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { benchServe, type ServeReport } from '../../../bench/serve.ts';
import { openServeServices } from '../../../bench/serve-services.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command, type CommandInput } from '../command.ts';
import { usersOption } from '../common-options.ts';
import { makeModel } from '../make-model.ts';
import { makeServingModel } from '../make-serving-model.ts';
import { renderServeReport } from '../render-serve-report.ts';
import { byItself, environmentOf } from '../service-by-itself.ts';
import { withScratch } from '../scratch.ts';

/** Alone, or on Kafka, Redis and PostgreSQL. */
type Mode = 'embedded' | 'services';
const MODES: readonly Mode[] = ['embedded', 'services'];

export interface ServeBenched extends ServeReport {
  readonly mode: Mode;
  readonly dataDir: string;
  readonly kept: boolean;
}

const RATES = { embedded: '2000,5000,10000', services: '1000,2000,5000' } as const satisfies Record<Mode, string>;
/** PostgreSQL runs as a user of its own where this runs as root, and must be able to enter. */
const EVERYBODY_MAY_ENTER = 0o711;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // listening on TCP
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function ratesOf(text: string): number[] {
  const rates = text.split(',').map(Number);
  if (rates.every((rate) => Number.isFinite(rate) && rate > 0)) return rates;
  throw new SentinelError('USAGE', {
    problem: `--rates: expected payments a second, separated by commas, got ${text}`,
  });
}

async function bench(
  input: CommandInput,
  { mode, dataDir, rates }: { readonly mode: Mode; readonly dataDir: string; readonly rates: readonly number[] },
): Promise<ServeReport> {
  const { given, say, signal } = input;
  const config = input.config();
  const options = {
    dataDir,
    modelsDir: config.modelsDir,
    port: await freePort(),
    environment: environmentOf(byItself(config)),
    rates,
    seconds: given.number('seconds'),
    users: given.number('users'),
    connections: given.number('connections'),
    onProgress: say,
    signal,
  };
  if (mode === 'embedded') {
    await makeModel(input, config);
    return benchServe(options);
  }
  await chmod(dataDir, EVERYBODY_MAY_ENTER);
  say('starting Kafka, Redis and PostgreSQL');
  const services = await openServeServices(dataDir);
  try {
    return await benchServe({ ...options, modelsDir: await makeServingModel(input, { ...config, dataDir }), services });
  } finally {
    await services.stop();
  }
}

export const command: Command<ServeBenched> = {
  options: [
    { name: 'mode', type: 'text', value: 'MODE', default: 'embedded', choices: MODES, sentence: 'One process by itself, or an instance on Kafka, Redis and PostgreSQL of its own, started for it where they are installed.' },
    { name: 'rates', type: 'text', value: 'N,N', sentence: `Payments a second, a run each; then saturation by single payments, batches and NDJSON. (default ${RATES.embedded}; on services ${RATES.services})` },
    { name: 'seconds', type: 'number', value: 'N', default: 20, minimum: 1, maximum: 3_600, sentence: 'Length of each run.' },
    usersOption(20_000),
    { name: 'connections', type: 'whole number', value: 'N', default: 64, minimum: 1, maximum: 10_000, sentence: 'Connections kept open.' },
    { name: 'data-dir', type: 'text', value: 'DIR', sentence: 'Where the journal goes, when embedded. (default a new temporary directory)' },
    { name: 'keep', type: 'flag', sentence: 'Keep the temporary directory, for sentinel verify, when embedded.' },
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs'],
  example: 'sentinel bench serve --rates 2000,5000,10000 --seconds 20 --json',
  async run(input) {
    const { given } = input;
    const mode = given.text('mode') as Mode; // one of the choices
    const own = given.optionalText('data-dir');
    const rates = ratesOf(given.optionalText('rates') ?? RATES[mode]);
    if (mode === 'services' && (own !== undefined || given.flag('keep'))) {
      throw new SentinelError('USAGE', { problem: '--data-dir and --keep are for --mode embedded: on services the journal is in Kafka' });
    }
    const kept = own !== undefined || given.flag('keep');
    const benchIn = async (dataDir: string) => ({ mode, ...(await bench(input, { mode, dataDir, rates })), dataDir, kept });
    if (own !== undefined) return await benchIn(own);
    return await withScratch('bench', (dataDir, keep) => {
      if (kept) keep();
      return benchIn(dataDir);
    });
  },
  hasFailed: ({ runs }) => runs.some(({ paymentsPerSecond }) => !(paymentsPerSecond > 0)),
  render: renderServeReport,
}; // prettier-ignore
