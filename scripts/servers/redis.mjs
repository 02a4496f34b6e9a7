/** Redis: Debian's package, everything appended to a file, nothing thrown away. */
import { findProgram, installPackages } from './packages.mjs';
import { ask } from './processes.mjs';
import { LOOPBACK, SETTINGS } from './settings.mjs';

const PONG = '+PONG\r\n';

export const redis = {
  name: 'redis',
  portNames: ['port'],
  missing: () => (findProgram('redis-server') === undefined ? 'Redis is not installed' : undefined),
  install: () => installPackages('redis-server'),
  prepare: () => undefined,
  program: (directory, { port }) => ({
    program: findProgram('redis-server'),
    words: [
      ...['--port', String(port), '--bind', LOOPBACK, '--dir', directory, '--daemonize', 'no'],
      ...Object.entries(SETTINGS.redis.options).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    directory,
  }),
  // While it reads its file it answers -LOADING.
  ready: async ({ port }) => String(await ask(port, 'PING\r\n', (answer) => answer.includes('\r\n'))) === PONG,
  stopSignal: { name: 'SIGTERM' },
  killSignal: { name: 'SIGKILL' },
  variables: ({ port }) => ({ REDIS_URL: `redis://${LOOPBACK}:${port}` }),
};
