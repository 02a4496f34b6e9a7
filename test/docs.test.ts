import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES } from '../scripts/pages/pages.ts';
import { EXAMPLE_POLICY } from '../scripts/pages/rules.ts';
import { readYaml } from '../src/adapters/yaml/read-yaml.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { flagOf, SETTING_NAMES, SETTINGS } from '../src/config.ts';
import { createDecider } from '../src/decisions/decide.ts';
import { ERRORS } from '../src/domain/errors.ts';
import { SENTINEL_CATALOGUE } from '../src/features/catalogue.ts';
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

/** Fenced blocks of one language. */
const blocksOf = (path: string, language: string): string[] =>
  [...read(path).matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!);

/** Targets of links within the repository that lead nowhere, those of diagrams included. */
function brokenLinks(path: string): string[] {
  const prose = read(path).replaceAll(/```[\s\S]*?```/g, '');
  const clicks = blocksOf(path, 'mermaid').flatMap((diagram) => [...diagram.matchAll(/^ *click \S+ "([^"]+)"$/gm)]);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...clicks]
    .map((match) => match[1]!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file, anchor] = target.split('#') as [string, string | undefined];
      const full = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, full))) return true;
      return anchor !== undefined && !anchorsOf(read(full)).includes(anchor);
    });
}

/** Calls of `./sentinel` that name a command or an option there is none of. */
async function impossibleCalls(path: string): Promise<string[]> {
  const calls = [...read(path).matchAll(/\.\/sentinel ([a-z][^`\n#|;)]*)/g)].map((match) => match[1]!.trim());
  const checked = calls.map(async (call) => {
    const entry = COMMANDS.filter(({ name }) => `${call} `.startsWith(`${name} `)).sort(
      (a, b) => b.name.length - a.name.length,
    )[0];
    if (entry === undefined) return [call];
    const { options = [], settings = [] } = (await entry.load()).command;
    const known = ['--json', '--config', '--help', ...options.map(({ name }) => `--${name}`), ...settings.map(flagOf)];
    const given = [...call.matchAll(/(?:^| )(--[a-z-]+)/g)].map((match) => match[1]!);
    return given.filter((flag) => !known.includes(flag)).map((flag) => `${entry.name} ${flag}`);
  });
  return (await Promise.all(checked)).flat();
}

/** Environment variables of Node itself. Source: Node.js, Command-line API. */
const OF_NODE = ['NODE_EXTRA_CA_CERTS'];

/** Settings (`section.key`) and error codes in code that are none. */
function unknownNames(path: string): string[] {
  const sections = new Set(SETTING_NAMES.map((name) => SETTINGS[name].path.split('.')[0]));
  const known = new Set<string>([...SETTING_NAMES.map((name) => SETTINGS[name].path), ...Object.keys(ERRORS)]);
  const environment = new Set<string>([...OF_NODE, ...SETTING_NAMES.map((name) => SETTINGS[name].environment)]);
  return [...read(path).matchAll(/`([a-z]+\.[a-z_]+|[A-Z]+(?:_[A-Z]+)+)`/g)]
    .map((match) => match[1]!)
    .filter((name) => /^[A-Z]/.test(name) || sections.has(name.split('.')[0]))
    .filter((name) => !known.has(name) && !environment.has(name));
}

const written = markdown.filter((path) => !(path in PAGES) && !path.startsWith('docs/adr/'));
const told = written.filter((path) => path.startsWith('docs/'));

describe('the documentation', () => {
  it.each(Object.keys(PAGES))('%s is what npm run docs writes', async (path) => {
    expect(read(path)).toBe(await PAGES[path]!());
  });

  it.each(markdown)('%s links to nothing that is not there', (path) => {
    expect(brokenLinks(path)).toEqual([]);
  });

  it.each(written)('%s calls commands there are, with options they have', async (path) => {
    expect(await impossibleCalls(path)).toEqual([]);
  });

  it.each(told)('%s names settings and errors there are', (path) => {
    expect(unknownNames(path)).toEqual([]);
  });

  it.each(written.filter((path) => blocksOf(path, 'yaml').length > 0))('%s shows policies that can be used', (path) => {
    for (const block of blocksOf(path, 'yaml')) {
      const parsed = readYaml(block);
      if (!('value' in parsed)) throw new Error(`${path}: ${parsed.problem}`);
      const policy = Array.isArray(parsed.value) ? { rules: parsed.value } : parsed.value;
      expect(
        createDecider(aPolicy(policy as Readonly<Record<string, unknown>>), SENTINEL_CATALOGUE.features),
      ).toBeDefined();
    }
  });

  it('shows a policy that can be used', () => {
    const parsed = readYaml(EXAMPLE_POLICY);
    const policy = aPolicy(('value' in parsed ? parsed.value : {}) as Readonly<Record<string, unknown>>);
    const features = ['card_txn_count_1h', 'device_change_flag'].map((name) => ({ name, kind: 'numeric' as const }));
    expect(createDecider(policy, features)).toBeDefined();
    expect(policy.rules.map(({ shadow }) => shadow)).toEqual([false, true]);
  });
});
