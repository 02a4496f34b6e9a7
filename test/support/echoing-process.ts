/** A process that sends back what it was given and every message. */
import { setTimeout } from 'node:timers/promises';
import { parentProcess } from '../../src/adapters/system/start-process.ts';

const { data, port } = await parentProcess<unknown>();
port.postMessage(data);
await setTimeout(50); // messages come meanwhile
port.on('message', (message) => {
  if (message === 'exit 3') process.exit(3);
  port.postMessage(message === 'pid' ? process.pid : message);
});
