import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'sentinel-ci-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Fails when its words contain FAIL; as a test runner it reports 10 tests, of which some failed or were skipped. */
const PROGRAM = `#!/bin/sh
case "$*" in *"$FAIL"*) status=1 ;; *) status=0 ;; esac
for word in "$@"; do
  case $word in --outputFile.json=*)
    passed=10; [ $status = 1 ] && passed=8
    case "$*" in *"$SKIP"*) passed=9 ;; esac
    result='{"name": "a.test.ts", "assertionResults": [{"status": "failed", "fullName": "adds", "failureMessages": ["3 is not 4"]}]}'
    [ $status = 1 ] || result=
    echo '{"numTotalTests": 10, "numPassedTests": '$passed', "testResults": ['"$result"']}' > "\${word#--outputFile.json=}" ;;
  esac
done
exit $status
`;

for (const path of ['.ci/run', 'scripts/count-tests.mjs']) cpSync(join(ROOT, path), join(directory, path));
for (const folder of ['programs', 'scripts']) mkdirSync(join(directory, folder), { recursive: true });
for (const path of ['programs/npm', 'programs/npx', 'sentinel', 'scripts/services']) {
  writeFileSync(join(directory, path), PROGRAM);
  chmodSync(join(directory, path), 0o755);
}

function run(settings: { readonly fail?: string; readonly skip?: string }) {
  const { status, stdout } = spawnSync(join(directory, '.ci/run'), {
    env: {
      PATH: `${join(directory, 'programs')}:${process.env.PATH}`,
      FAIL: settings.fail ?? 'nothing fails',
      SKIP: settings.skip ?? 'nothing is skipped',
    },
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  const ended = lines.findIndex((line) => line.startsWith('── all: '));
  return { status, last: lines.at(-1), lines, failures: lines.slice(ended + 1, -1).map((line) => line.trim()) };
}

describe('.ci/run', () => {
  const all = run({});
  const [, passed] = /^(\d+) passed, 0 failed$/.exec(all.last ?? '') ?? [];
  const total = Number(passed);

  it('ends with one line that adds up tests and stages, and says the seconds of each stage', () => {
    expect(all).toMatchObject({ status: 0, failures: [] });
    expect(total).toBeGreaterThan(30);
    expect(all.lines.filter((line) => /passed, \d+ failed/.test(line))).toHaveLength(1);
    const began = all.lines.filter((line) => /^── [\w-]+: (npm|npx|\.)/.test(line)).length;
    expect(all.lines.filter((line) => /^── [\w-]+: exit 0 after \d+ s$/.test(line))).toHaveLength(began);
  });

  it('counts a failed stage as one and goes on', () => {
    const last = `${total - 1} passed, 1 failed`;
    expect(run({ fail: 'eslint' })).toMatchObject({ status: 1, last, failures: ['lint: exit 1'] });
  });

  it('counts failed tests, and names them at the end', () => {
    const failures = ['slow: exit 1', 'a.test.ts > adds: 3 is not 4'];
    const last = `${total - 2} passed, 2 failed`;
    expect(run({ fail: 'vitest.ci.config.ts' })).toMatchObject({ status: 1, last, failures });
  });

  it('counts a skipped test as failed', () => {
    expect(run({ skip: 'vitest.ci.config.ts' })).toMatchObject({ status: 1, last: `${total - 1} passed, 1 failed` });
  });

  it('ends when nothing can be installed', () => {
    expect(run({ fail: 'ci --include=dev' })).toMatchObject({ status: 1, last: '0 passed, 1 failed' });
  });
});
