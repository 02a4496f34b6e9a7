import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/count-tests.mjs');
const directory = mkdtempSync(join(tmpdir(), 'sentinel-count-'));
afterAll(() => rmSync(directory, { recursive: true }));

function counted(report: unknown, exitCode: number): string {
  const file = join(directory, 'report.json');
  rmSync(file, { force: true });
  if (report !== undefined) writeFileSync(file, JSON.stringify(report));
  return execFileSync(process.execPath, [SCRIPT, file, String(exitCode)], { encoding: 'utf8' }).trim();
}

describe('adding up a test run', () => {
  it.each([
    ['all passed', { numTotalTests: 9, numPassedTests: 9, numFailedTests: 0, numPendingTests: 0 }, 0, '9 0'],
    ['some failed', { numTotalTests: 9, numPassedTests: 7, numFailedTests: 2, numPendingTests: 0 }, 1, '7 2'],
    ['a skipped test is a failed one', { numTotalTests: 9, numPassedTests: 8, numPendingTests: 1 }, 0, '8 1'],
    ['an error outside the tests', { numTotalTests: 9, numPassedTests: 9 }, 1, '9 1'],
    ['a crash without a report', undefined, 137, '0 1'],
  ])('%s', (_, report, exitCode, expected) => {
    expect(counted(report, exitCode)).toBe(expected);
  });
});
