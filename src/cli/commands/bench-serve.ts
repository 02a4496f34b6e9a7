/** sentinel bench serve: the whole service under open-loop load, in a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchServe, type ServeReport } from '../../../bench/serve.ts';
import { SentinelError } from '../../domain/errors.ts';
import { type Command } from '../command.ts';
import { makeModel } from '../make-model.ts';
import { renderServeReport } from '../render-serve-report.ts';

export interface ServeBenched extends ServeReport {
  readonly dataDir: string;
  readonly kept: boolean;
}

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

export const command: Command<ServeBenched> = {
  options: [
    { name: 'rates', type: 'text', value: 'N,N', default: '2000,5000,10000', sentence: 'Payments a second, a run each; then saturation by single payments, batches and NDJSON.' },
    { name: 'seconds', type: 'number', value: 'N', default: 20, minimum: 1, maximum: 3_600, sentence: 'Length of each run.' },
    { name: 'users', type: 'whole number', value: 'N', default: 20_000, minimum: 1, sentence: 'People who pay.' },
    { name: 'connections', type: 'whole number', value: 'N', default: 64, minimum: 1, maximum: 10_000, sentence: 'Connections kept open.' },
    { name: 'data-dir', type: 'text', value: 'DIR', sentence: 'Where the journal goes. (default a new temporary directory)' },
    { name: 'keep', type: 'flag', sentence: 'Keep the temporary directory, for sentinel verify.' },
  ], // prettier-ignore
  settings: ['modelsDir', 'servingBudgetUs'],
  example: 'sentinel bench serve --rates 2000,5000,10000 --seconds 20 --json',
  async run(input) {
    const { given, say, signal } = input;
    const own = given.optionalText('data-dir');
    const rates = ratesOf(given.text('rates'));
    const { modelsDir } = input.config();
    await makeModel(input, input.config());
    const dataDir = own ?? (await mkdtemp(join(tmpdir(), 'sentinel-bench-')));
    const kept = own !== undefined || given.flag('keep');
    try {
      const report = await benchServe({
        dataDir,
        modelsDir,
        port: await freePort(),
        rates,
        seconds: given.number('seconds'),
        users: given.number('users'),
        connections: given.number('connections'),
        onProgress: say,
        signal,
      });
      return { ...report, dataDir, kept };
    } finally {
      if (!kept) await rm(dataDir, { recursive: true, force: true });
    }
  },
  hasFailed: ({ runs }) => runs.some(({ paymentsPerSecond }) => !(paymentsPerSecond > 0)),
  render: renderServeReport,
}; // prettier-ignore
