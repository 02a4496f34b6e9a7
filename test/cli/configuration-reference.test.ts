import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationReference, environmentExample } from '../../src/cli/configuration-reference.ts';

const ROOT = join(import.meta.dirname, '../..');
const kept = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the pages about settings', () => {
  it('are those that npm run docs writes', () => {
    expect(kept('docs/reference/configuration.md')).toBe(configurationReference());
    expect(kept('.env.example')).toBe(environmentExample());
  });

  it('have a row of six cells for each setting', () => {
    const rows = configurationReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8);
    expect(rows.length).toBeGreaterThan(20);
  });
});
