/** sentinel load: an open-loop load test against a running service. */
import { SentinelError } from '../../domain/errors.ts';
import { type LoadOutcome, runOrder } from '../../load/load-order.ts';
import { type Command } from '../command.ts';
import { seedOption, usersOption } from '../common-options.ts';
import { serviceUrlOf } from '../service-client.ts';

interface Loaded extends LoadOutcome {
  readonly url: string;
  readonly paymentsPerSecond: number;
}

const BATCH = 100;

/** USAGE when load cannot be sent there: not plain HTTP, or below a path. */
function addressOf(url: string): URL {
  const address = new URL(url);
  const { protocol, pathname, search } = address;
  if (protocol !== 'http:') throw new SentinelError('USAGE', { problem: `the generator speaks plain HTTP, not ${url}` });
  if (pathname + search !== '/') throw new SentinelError('USAGE', { problem: `the generator sends to an address without a path, not ${url}` });
  return address;
} // prettier-ignore

export const command: Command<Loaded> = {
  options: [
    { name: 'rate', type: 'number', value: 'N', default: 100, minimum: 0, maximum: 100_000, sentence: 'Requests a second, sent on schedule whatever the answers do; 0 keeps all connections busy.' },
    { name: 'seconds', type: 'number', value: 'N', default: 10, minimum: 0.1, maximum: 86_400, sentence: 'How long.' },
    { name: 'connections', type: 'whole number', value: 'N', default: 64, minimum: 1, maximum: 10_000, sentence: 'Connections kept open.' },
    usersOption(10_000),
    { name: 'route', type: 'text', value: 'KIND', default: 'single', choices: ['single', 'batch', 'stream'], sentence: `One payment a request, or ${BATCH} in a batch or an NDJSON stream.` },
    seedOption('The same seed sends the same payments under new ids.'),
  ], // prettier-ignore
  settings: ['serviceUrl', 'host', 'port', 'tlsCertFile', 'apiKey'],
  example: 'sentinel load --rate 2000 --seconds 30',
  async run({ given, config, say, signal }) {
    const settings = config();
    const url = serviceUrlOf(settings);
    const { hostname, port } = addressOf(url);
    const seconds = given.number('seconds');
    say(`Preparing payments, then ${seconds} s against ${url}`);
    const outcome = await runOrder({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      route: given.text('route') as 'single' | 'batch' | 'stream', // one of the choices
      ratePerSecond: given.number('rate') === 0 ? null : given.number('rate'),
      durationMs: seconds * 1_000,
      connections: given.number('connections'),
      batch: BATCH,
      seed: given.number('seed'),
      users: given.number('users'),
      ...(settings.apiKey !== '' && { key: settings.apiKey }),
      signal,
    });
    if (outcome.decisions === 0 && Object.keys(outcome.statuses).every((status) => status === '0' || status === 'unanswered')) {
      throw new SentinelError('SERVICE_UNREACHABLE', { url, problem: 'no request was answered' });
    }
    return { url, paymentsPerSecond: outcome.decisions / outcome.seconds, ...outcome };
  }, // prettier-ignore
  hasFailed: ({ decisions }) => decisions === 0,
  render({ paymentsPerSecond, latencyMs, lateMs, statuses, sent, unsent }) {
    const { p50, p90, p99, p999, max } = latencyMs;
    const answers = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
    return [
      `${sent} requests, ${paymentsPerSecond.toFixed(0)} payments/s, ${unsent} never sent; ${answers.join(', ')}`,
      `latency ms from the schedule: p50 ${p50.toFixed(2)}  p90 ${p90.toFixed(2)}  p99 ${p99.toFixed(2)}  p99.9 ${p999.toFixed(2)}  max ${max.toFixed(2)}`,
      `the generator itself was late by p99 ${lateMs.p99.toFixed(2)} ms${lateMs.p99 > 1 ? ': do not trust the latencies' : ''}`,
    ].join('\n');
  },
};
