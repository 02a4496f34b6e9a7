/** Scratch directories that are gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
