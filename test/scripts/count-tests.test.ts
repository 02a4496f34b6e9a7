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

  it('names what did not pass, a line each', () => {
    const assertionResults = [
      { status: 'passed', fullName: 'counts' },
      { status: 'failed', fullName: 'adds', failureMessages: ['3 is not 4\n    at line 2'] },
      { status: 'skipped', fullName: 'waits', failureMessages: [] },
    ];
    const testResults = [
      { name: 'a.test.ts', message: '', assertionResults },
      { name: 'b.test.ts', message: 'cannot be read\nsome more', assertionResults: [] },
    ];
    expect(counted({ numTotalTests: 3, numPassedTests: 1, testResults }, 1).split('\n')).toEqual([
      '1 2',
      'a.test.ts > adds: 3 is not 4',
      'a.test.ts > waits: skipped',
      'b.test.ts: cannot be read',
    ]);
  });
});
