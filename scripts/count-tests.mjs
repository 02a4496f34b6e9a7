/**
 * Prints “passed failed” of one vitest report for .ci/run: `count-tests.mjs REPORT EXIT_CODE`. Skipped tests count as
 * failed; a run that failed without a failed test (a crash, a time-out, no report) counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);
const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { numPassedTests: 0, numTotalTests: 0 };
const failed = counts.numTotalTests - counts.numPassedTests;
console.log(counts.numPassedTests, failed === 0 && exitCode !== '0' ? 1 : failed);
