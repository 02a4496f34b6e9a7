/** Servers as processes of their own that outlive this one: begun, recognised again, ended. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LOOPBACK } from './settings.mjs';

/** Below the range Linux takes for outgoing connections, so that a stopped server finds its port free again. */
const [FIRST_PORT, PORTS] = [20_000, 10_000];
const LOOK_EVERY_MS = 50;
const ANSWER_MS = 5_000;

/** When a process began, in ticks since boot: with the pid it names one process for good. Undefined when it is gone. */
function beganAt(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

export const isAlive = ({ pid, began }) => began !== undefined && beganAt(pid) === began;

/** Starts a program in a group of its own, its words going to `log`. */
export async function launch({ program, words, directory, environment = {}, identity = {} }, log) {
  const out = openSync(log, 'a');
  try {
    const child = spawn(program, words, {
      cwd: directory,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', out, out],
      ...identity,
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    return { pid: child.pid, began: beganAt(child.pid) };
  } finally {
    closeSync(out);
  }
}

/** Sends a signal to a process, or to its whole group; one that is gone is left in peace. */
export function signal(running, name, { group = false } = {}) {
  if (!isAlive(running)) return;
  try {
    process.kill(group ? -running.pid : running.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Whether `holds` came true within `forMs`. */
export async function waitUntil(holds, forMs) {
  const until = performance.now() + forMs;
  while (!(await holds())) {
    if (performance.now() > until) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, LOOPBACK, () => probe.close(() => resolve(true)));
  });

/** As many free ports as asked for. */
export async function freePorts(count, taken = new Set()) {
  const ports = [];
  while (ports.length < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (taken.has(port) || ports.includes(port) || !(await isFree(port))) continue;
    ports.push(port);
  }
  return ports;
}

/** What a server says to `question`, up to the point where `isWhole` holds; undefined when it does not answer. */
export function ask(port, question, isWhole) {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    let answer = Buffer.alloc(0);
    const settle = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(ANSWER_MS, () => settle(undefined));
    socket.once('error', () => settle(undefined));
    socket.once('close', () => settle(undefined));
    socket.once('connect', () => socket.write(question));
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (isWhole(answer)) settle(answer);
    });
  });
}

/** Whether a web server answers `path` with success. */
export async function answers(port, path) {
  try {
    return (await fetch(`http://${LOOPBACK}:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false; // it is starting, or gone
  }
}
