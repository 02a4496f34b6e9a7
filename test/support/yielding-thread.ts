/** A thread that gives way and says which one it is. */
import { readlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { giveWay } from '../../src/adapters/system/give-way.ts';

giveWay();
parentPort!.postMessage(readlinkSync('/proc/thread-self'));
setInterval(() => undefined, 1_000);
