/** The servers of one directory: started where they are not running, found again, stopped; nobody else's touched. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { Failure, Misuse, USE_DOCKER } from './failure.mjs';
import { kafka } from './kafka.mjs';
import { mlflow } from './mlflow.mjs';
import { lastLines } from './packages.mjs';
import { postgres } from './postgres.mjs';
import { freePorts, isAlive, launch, signal, waitUntil } from './processes.mjs';
import { prometheus } from './prometheus.mjs';
import { redis } from './redis.mjs';

export const SERVERS = { postgres, redis, kafka, mlflow, prometheus };
/** MLflow reads half of PyPI before it answers. */
const START_MS = 180_000;
const STOP_MS = 60_000;
const EVERYBODY_MAY_ENTER = 0o711; // PostgreSQL runs as a user of its own

const stateFile = (directory) => join(directory, 'servers.json');
export const logOf = (directory, name) => join(directory, name, 'server.log');

/** By name: the ports a server has for good, and its process while it is wanted. */
export function readState(directory) {
  const file = stateFile(directory);
  const state = existsSync(file) ? parsed(readFileSync(file, 'utf8')) : {};
  if (isState(state)) return state;
  throw new Misuse(`${file} is damaged: end what still runs of these servers, then remove the file.`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isState = (state) =>
  isObject(state) &&
  Object.entries(state).every(
    ([name, entry]) => name in SERVERS && isObject(entry?.ports) && Object.values(entry.ports).every(Number.isInteger),
  );

function writeState(directory, state) {
  const scratch = `${stateFile(directory)}.part`;
  writeFileSync(scratch, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(scratch, stateFile(directory));
}

const lastWords = (directory, name) => {
  const log = logOf(directory, name);
  return `Its last words, from ${log}:\n${existsSync(log) ? lastLines(readFileSync(log, 'utf8')) : ''}`;
};

/** The ports of a server: those it has, else those asked for, else free ones. */
async function portsOf(server, state, wanted) {
  const kept = state[server.name]?.ports;
  if (kept !== undefined && (wanted === undefined || wanted === kept.port)) return kept;
  if (isAlive(state[server.name] ?? {})) {
    throw new Failure(`${server.name} runs on port ${kept.port}, not ${wanted}.`, 'stop it first');
  }
  const taken = new Set(Object.values(state).flatMap(({ ports }) => Object.values(ports)));
  const numbers = await freePorts(server.portNames.length, taken);
  const ports = Object.fromEntries(server.portNames.map((name, index) => [name, numbers[index]]));
  return { ...ports, ...kept, ...(wanted === undefined ? {} : { port: wanted }) };
}

async function waitUntilReady(server, directory, { ports, ...running }) {
  const isSettled = async () => !isAlive(running) || (await server.ready(ports));
  const inTime = await waitUntil(isSettled, START_MS);
  if (inTime && isAlive(running)) return;
  signal(running, server.killSignal.name, server.killSignal);
  const what = inTime ? 'ended while it was starting' : `was not ready after ${START_MS / 1_000} s`;
  throw new Failure(
    `${server.name} ${what}. ${lastWords(directory, server.name)}`,
    `mend what it says; remove ${join(directory, server.name)} to begin with empty data; or ${USE_DOCKER}`,
  );
}

/**
 * Starts the servers named on the ports they had before, those of `ports` (by name), or free ones. Installs what is
 * missing, unless `installed` says to take only what is there. Fails when one of them is not ready in time.
 */
export async function start(names, { directory, ports: wanted = {}, installed = false }) {
  if (mkdirSync(directory, { recursive: true }) !== undefined) chmodSync(directory, EVERYBODY_MAY_ENTER);
  await alone(directory, async () => {
    for (const name of names) {
      const missing = SERVERS[name].missing();
      if (missing === undefined) continue;
      if (installed) throw new Failure(`${missing}.`, `scripts/services start ${name} installs it`);
      await SERVERS[name].install();
    }
    const state = readState(directory);
    for (const name of names) {
      const server = SERVERS[name];
      const ports = await portsOf(server, state, wanted[name]);
      if (isAlive(state[name] ?? {})) continue;
      const folder = join(directory, name);
      mkdirSync(folder, { recursive: true });
      await server.prepare(folder, ports);
      const running = await launch(server.program(folder, ports), logOf(directory, name));
      state[name] = { ports, ...running };
      writeState(directory, state);
    }
    const results = await Promise.allSettled(
      names.map((name) => waitUntilReady(SERVERS[name], directory, state[name])),
    );
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
}

/** Ends the servers named, those that were started here; `kill` gives them no time to write anything out. */
export async function stop(names, { directory, kill = false }) {
  if (!existsSync(directory)) return;
  await alone(directory, async () => {
    const state = readState(directory);
    const ending = names.filter((name) => isAlive(state[name] ?? {}));
    for (const name of ending) {
      const { name: signalName, group } = SERVERS[name][kill ? 'killSignal' : 'stopSignal'];
      signal(state[name], signalName, { group });
    }
    for (const name of ending) {
      if (await waitUntil(() => !isAlive(state[name]), STOP_MS)) continue;
      console.error(`${name} did not end within ${STOP_MS / 1_000} s and is killed.`);
      signal(state[name], 'SIGKILL', { group: true });
      await waitUntil(() => !isAlive(state[name]), STOP_MS);
    }
    for (const name of names) {
      if (state[name] !== undefined) state[name] = { ports: state[name].ports };
    }
    writeState(directory, state);
  });
}

/** How each server stands: `running`, `starting` (alive without an answer), `ended` by itself, `stopped` or `never`. */
export async function status(directory) {
  const state = readState(directory);
  const rows = Object.values(SERVERS).map(async (server) => {
    const { ports, pid, began } = state[server.name] ?? {};
    const standing = async () => {
      if (ports === undefined) return 'never';
      if (pid === undefined) return 'stopped';
      if (!isAlive({ pid, began })) return 'ended';
      return (await server.ready(ports)) ? 'running' : 'starting';
    };
    const shown = { name: server.name, status: await standing() };
    return ports === undefined ? shown : { ...shown, pid, port: ports.port, log: logOf(directory, server.name) };
  });
  return Promise.all(rows);
}

/** The variables that lead Sentinel to the servers that run. */
export function variables(directory) {
  const running = Object.entries(readState(directory)).filter(([, entry]) => isAlive(entry));
  return Object.assign({}, ...running.map(([name, { ports }]) => SERVERS[name].variables(ports)));
}
