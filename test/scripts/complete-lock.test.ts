import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'sentinel-lock-'));
afterAll(() => rmSync(directory, { recursive: true }));

const completed = (lock: unknown): { readonly packages: Readonly<Record<string, unknown>> } => {
  const file = join(directory, 'lock.json');
  writeFileSync(file, JSON.stringify(lock));
  execFileSync(process.execPath, [join(ROOT, 'scripts/complete-lock.mjs'), file]);
  return JSON.parse(readFileSync(file, 'utf8')) as { readonly packages: Readonly<Record<string, unknown>> };
};

describe('the lock file', () => {
  it('is one that npm ci accepts on every platform', () => {
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(ROOT, file), join(directory, file));
    const options = { cwd: directory, stdio: 'pipe' } as const;
    for (const [os, cpu] of [
      ['linux', 'x64'],
      ['darwin', 'arm64'],
      ['win32', 'x64'],
    ]) {
      // prettier-ignore
      execFileSync('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts', `--os=${os}`, `--cpu=${cpu}`], options);
    }
  });

  it('needs no completion', () => {
    const lock: unknown = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    expect(completed(lock)).toEqual(lock);
  });

  it('gets the optional platform packages it lacks, and nothing else', () => {
    const packages = {
      '': {},
      'node_modules/a': {
        optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-darwin-arm64': '^1.0.0', fsevents: '2.0.0' },
      },
      'node_modules/a-linux-x64': { version: '1.0.0' },
      'node_modules/b': { dev: true },
      'node_modules/b/node_modules/c': { dev: true, optionalDependencies: { '@c/linux-arm64-musl': '3.1.0', '@c/x-win32-x64': '3.1.0' } }, // prettier-ignore
      'node_modules/b/node_modules/@c/x-win32-x64': { version: '3.1.0' },
    };
    expect(completed({ packages }).packages).toEqual({
      ...packages,
      'node_modules/a-darwin-arm64': { version: '1.0.0', cpu: ['arm64'], os: ['darwin'], optional: true },
    });
  });
});
