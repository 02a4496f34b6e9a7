/** Puts on the disk soon, and in small pieces, what a database wrote that never syncs. */
import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** Left alone, Linux writes such pages when they are 30 s old, all at once: whoever commits to that disk then waits. */
const EVERY_MS = 250;

/** The kernel's clock of files goes in steps. Source: its CONFIG_HZ, 100 at least. */
const STEP_MS = 10;

/** Of the files in `directory`; what is returned is to be called when something was written. */
export function startWriteBack(directory: string, syncFile = syncOnDisk): () => void {
  let isWritten = false;
  let isSyncing = false;
  let sinceMs = 0;

  const sync = async (): Promise<void> => {
    isWritten = false;
    isSyncing = true;
    const fromMs = sinceMs - STEP_MS;
    sinceMs = Date.now();
    try {
      for (const path of changedFiles(directory, fromMs)) await syncFile(path);
    } catch {
      // Nobody waits for it, and a file may be gone meanwhile: the kernel writes the rest later.
    }
    isSyncing = false;
  };
  const timer = setInterval(() => {
    if (isWritten && !isSyncing) void sync();
  }, EVERY_MS);
  timer.unref();
  return () => {
    isWritten = true;
  };
}

function* changedFiles(directory: string, fromMs: number): Generator<string> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= fromMs) yield path;
  }
}

async function syncOnDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
