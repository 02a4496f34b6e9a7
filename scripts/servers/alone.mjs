/** Lets one process of this machine at a time do a thing; the system frees the claim of one that dies. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;

/** A socket without a file: Linux forgets it with its process. */
const socketOf = (name) => `\0sentinel-${createHash('sha256').update(name).digest('hex')}`;

function claim(name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(socketOf(name), () => resolve(server));
  });
}

/** Runs `work` while no other process runs one under the same name. */
export async function alone(name, work) {
  let held = await claim(name);
  if (held === undefined) console.error(`Waiting for another process: ${name} …`);
  while (held === undefined) {
    await pause(LOOK_EVERY_MS);
    held = await claim(name);
  }
  try {
    return await work();
  } finally {
    await new Promise((resolve) => held.close(resolve));
  }
}
