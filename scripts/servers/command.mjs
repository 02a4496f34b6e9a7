/** The command line of `scripts/services`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, Misuse } from './failure.mjs';
import { installFaultTools } from './fault-tools.mjs';
import { SERVERS, start, status, stop, variables } from './servers.mjs';
import { ROOT } from './settings.mjs';

const [DONE, FAILED, MISUSED] = [0, 1, 2];
const NAMES = Object.keys(SERVERS);
const HIGHEST_PORT = 65_535;

const HELP = `The servers Sentinel can use, real ones, without Docker; on loopback, for tests and trying out.

  scripts/services start [NAME…]   installs what is missing, starts, waits until all answer
  scripts/services stop [NAME…]    stops what was started here; data and ports stay for the next start
  scripts/services status          how each one stands; exit code 1 when one that should run does not
  scripts/services tools           installs what the tests of faults use besides: libfaketime
  scripts/services env             the settings that lead Sentinel to them: eval "$(scripts/services env)"

  NAME             ${NAMES.join(', ')}; all of them when none is named
  --dir DIR        where data, logs and ports are kept (default .sentinel/services in this checkout)
  --port NAME=PORT start: the port of a server, may be repeated (default: the one it had, else a free one)
  --installed      start: install nothing, fail where something is missing
  --kill           stop: at once, as a crash does
  --prefix PREFIX  env: begin each name with it
  --json           status, env: as JSON

Installing needs Debian or a relative, and root or sudo without a password. deploy/compose.yaml is the same for Docker.
`;

const OPTIONS = {
  dir: { type: 'string', default: join(ROOT, '.sentinel', 'services') },
  port: { type: 'string', multiple: true, default: [] },
  installed: { type: 'boolean', default: false },
  kill: { type: 'boolean', default: false },
  prefix: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

function portsFrom(words) {
  const pairs = words.map((word) => {
    const [name, digits] = word.split('=');
    const port = Number(digits);
    if (!NAMES.includes(name) || !Number.isInteger(port) || port < 1 || port > HIGHEST_PORT) {
      throw new Misuse(`--port ${word}: expected NAME=PORT, such as redis=6379.`);
    }
    return [name, port];
  });
  return Object.fromEntries(pairs);
}

function requireStarted(ports, names) {
  const [idle] = Object.entries(ports).filter(([name]) => !names.includes(name));
  if (idle === undefined) return;
  throw new Misuse(`--port ${idle.join('=')}: ${idle[0]} is not among the servers to start, ${names.join(', ')}.`);
}

function parse(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Misuse(`${error.message}\n\n${HELP}`);
  }
}

async function showStatus({ directory, json }) {
  const rows = await status(directory);
  const lines = rows.map(({ name, status: standing, port, log }) =>
    [name.padEnd(12), standing.padEnd(9), ...(port === undefined ? [] : [String(port).padEnd(6), log])].join(' '),
  );
  console.log(json ? JSON.stringify(rows) : lines.map((line) => line.trimEnd()).join('\n'));
  return rows.some(({ status: standing }) => standing === 'ended' || standing === 'starting') ? FAILED : DONE;
}

function showVariables({ directory, json, prefix }) {
  const named = Object.entries(variables(directory)).map(([name, value]) => [prefix + name, value]);
  if (json) console.log(JSON.stringify(Object.fromEntries(named)));
  else for (const [name, value] of named) console.log(`export ${name}='${value}'`);
  return DONE;
}

async function run(words) {
  const { values, positionals } = parse(words);
  const [verb, ...given] = positionals;
  if (values.help || verb === undefined) {
    console.log(HELP.trimEnd());
    return values.help ? DONE : MISUSED;
  }
  const unknown = given.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Misuse(`There is no server ${unknown}; there are ${NAMES.join(', ')}.`);
  const names = given.length === 0 ? NAMES : [...new Set(given)];
  const options = { ...values, directory: resolve(values.dir), ports: portsFrom(values.port) };
  if (process.platform !== 'linux')
    throw new Failure('This needs Linux.', 'docker compose -f deploy/compose.yaml up -d');
  switch (verb) {
    case 'start':
      requireStarted(options.ports, names);
      await start(names, options);
      return showStatus({ ...options, json: false });
    case 'tools':
      await installFaultTools();
      return DONE;
    case 'stop':
      await stop(names, options);
      return DONE;
    case 'status':
      return showStatus(options);
    case 'env':
      return showVariables(options);
    default:
      throw new Misuse(`There is no verb ${verb}; there are start, stop, status, env, tools.`);
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof Misuse ? MISUSED : FAILED;
}
