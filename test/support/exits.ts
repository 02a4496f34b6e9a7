/** The end of a process that waits for nothing, without ending it. */

/** Undoes what src/adapters/system/at-exit.ts would undo if the process ended now. */
export function undoAsAtExit(): void {
  for (const listener of process.listeners('exit')) if (listener.name === 'undoAll') listener.call(process, 0);
}
