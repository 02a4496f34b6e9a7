/** What must be undone even when the process ends without waiting, as it does when it is interrupted twice. */
import { type ChildProcess } from 'node:child_process';

const undoings = new Set<() => void>();

/** The newest first: what stands on something else is undone before it. */
function undoAll(): void {
  for (const undo of [...undoings].reverse()) undo();
}

/** `undo` runs when the process ends; it can wait for nothing. The answer takes that back. */
export function atExit(undo: () => void): () => void {
  if (undoings.size === 0) process.once('exit', undoAll);
  undoings.add(undo);
  return () => {
    undoings.delete(undo);
    if (undoings.size === 0) process.off('exit', undoAll);
  };
}

/** Kills `child`, if it still runs then. */
export function killAtExit(child: ChildProcess): void {
  child.once(
    'exit',
    atExit(() => void child.kill('SIGKILL')),
  );
}
