/**
 * Prints “passed failed” of one vitest report for .ci/run, then a line for each test that did not pass, with why:
 * `count-tests.mjs REPORT EXIT_CODE`. Skipped tests count as failed; a run that failed without a failed test (a crash, a
 * time-out, no report) counts as one failure.
 */
import { existsSync, readFileSync } from 'node:fs';

const [report, exitCode] = process.argv.slice(2);
const none = { numPassedTests: 0, numTotalTests: 0 };
const { testResults = [], ...counts } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : none;
const failed = counts.numTotalTests - counts.numPassedTests;
console.log(counts.numPassedTests, failed === 0 && exitCode !== '0' ? 1 : failed);

const firstLine = (text) => (text ?? '').split('\n', 1)[0];
for (const { name: file, message, assertionResults } of testResults) {
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status !== 'passed') console.log(`${file} > ${fullName}: ${firstLine(failureMessages?.[0]) || status}`);
  }
  if (assertionResults.length === 0) console.log(`${file}: ${firstLine(message) || 'no test ran'}`);
}
