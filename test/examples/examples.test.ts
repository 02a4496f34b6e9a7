import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

describe('the examples', () => {
  it.each(readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts')))(
    '%s runs and says what it found',
    async (name) => {
      const arguments_ = ['--conditions=source', '--import', 'tsx', join('examples', name)];
      const { stdout, stderr } = await run(process.execPath, arguments_, { cwd: ROOT });
      expect(stderr).toBe('');
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(2);
    },
    120_000,
  );

  it('sum their contributions to the log-odds they print', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', 'examples/score-offline.ts'],
      { cwd: ROOT },
    );
    const [, logOdds, sum] = /log-odds (\S+) = base \+ contributions (\S+)/.exec(stdout)!;
    expect(Number(sum)).toBeCloseTo(Number(logOdds), 6);
  }, 120_000);
});
