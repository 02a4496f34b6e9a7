import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES } from '../scripts/pages/pages.ts';
import { EXAMPLE_POLICY } from '../scripts/pages/rules.ts';
import { readYaml } from '../src/adapters/yaml/read-yaml.ts';
import { createDecider } from '../src/decisions/decide.ts';
import { aPolicy } from './support/policies.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const markdown = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/README.md', ...under('docs')].filter((path) =>
  existsSync(join(ROOT, path)),
);

function under(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return under(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

/** As GitHub makes anchors of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Targets of links within the repository that lead nowhere. */
function brokenLinks(path: string): string[] {
  const prose = read(path).replaceAll(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file, anchor] = target.split('#') as [string, string | undefined];
      const full = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, full))) return true;
      return anchor !== undefined && !anchorsOf(read(full)).includes(anchor);
    });
}

describe('the documentation', () => {
  it.each(Object.keys(PAGES))('%s is what npm run docs writes', async (path) => {
    expect(read(path)).toBe(await PAGES[path]!());
  });

  it.each(markdown)('%s links to nothing that is not there', (path) => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it('shows a policy that can be used', () => {
    const parsed = readYaml(EXAMPLE_POLICY);
    const policy = aPolicy(('value' in parsed ? parsed.value : {}) as Readonly<Record<string, unknown>>);
    const features = ['card_txn_count_1h', 'device_change_flag'].map((name) => ({ name, kind: 'numeric' as const }));
    expect(createDecider(policy, features)).toBeDefined();
    expect(policy.rules.map(({ shadow }) => shadow)).toEqual([false, true]);
  });
});
