/** Scratch directories that are gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A scratch directory for all tests of a file. */
export function keptDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
