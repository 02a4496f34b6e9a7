/** Lets the other threads of the machine go before the one that calls. */
import { existsSync, readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';

/** PID/task/TID of the thread that reads it. Source: proc(5). */
const SELF = '/proc/thread-self';

/**
 * For threads whose work may wait. Linux has a priority for each thread, known by its number in /proc; elsewhere it would
 * be that of the whole process, so nothing is done there.
 */
export function giveWay(): void {
  if (!existsSync(SELF)) return;
  const thread = Number(basename(readlinkSync(SELF)));
  setPriority(thread, constants.priority.PRIORITY_LOW);
}
