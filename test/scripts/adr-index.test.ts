import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADR_FOLDER, adrFiles } from '../../scripts/pages/adr-index.ts';

const SECTIONS = ['Context', 'Options', 'Decision', 'Consequences'];
/** Of 120 characters at most: what a person reads at one sitting. */
const PAGE_LINES = 75;

describe('the decision records', () => {
  it('are numbered without gaps, by file name and by title', () => {
    adrFiles().forEach((name, index) => {
      expect(Number(name.slice(0, 4))).toBe(index + 1);
      expect(readFileSync(join(ADR_FOLDER, name), 'utf8')).toMatch(new RegExp(`^# ${index + 1}\\. `));
    });
  });

  it.each(adrFiles())('%s has every section and fits on a page', (name) => {
    const text = readFileSync(join(ADR_FOLDER, name), 'utf8');
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(SECTIONS);
    expect(text).toMatch(/^Status: (accepted|(accepted; .+ )?superseded by \d+)$/m);
    expect(text).toMatch(/^- Good: /m);
    expect(text).toMatch(/^- Bad: /m);
    expect(text.split('\n').length).toBeLessThanOrEqual(PAGE_LINES);
  });
});
