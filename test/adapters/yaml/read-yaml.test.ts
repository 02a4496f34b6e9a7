import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/adapters/yaml/read-yaml.ts';

describe('reading YAML', () => {
  it('gives plain values, times as texts', () => {
    expect(readYaml('a: 1\nb: [x, true]\nc: 2026-01-01T00:00:00Z')).toEqual({
      value: { a: 1, b: ['x', true], c: '2026-01-01T00:00:00Z' },
    });
    expect(readYaml('{"a": null}')).toEqual({ value: { a: null } });
    expect(readYaml('')).toEqual({ value: null });
  });

  it.each([
    ['a: [1, 2', /line 1, column 9/],
    ['a: 1\na: 2', /unique.*line 2, column 1/],
    ['a: 1\n b: 2', /line 1, column 4/],
    ['a: 1\n---\na: 2', /^A line of --- begins another document, where one is expected, at line 2, column 1$/],
  ])('names line and column of what is wrong in %j', (text, expected) => {
    expect(readYaml(text)).toEqual({ problem: expect.stringMatching(expected) as string });
  });

  it('does not expand a bomb of aliases', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    );
    expect(readYaml(['l0: &l0 x', ...levels].join('\n'))).toHaveProperty('problem');
  });

  it('says what to do where a name is used too often, and calls nobody an attacker', () => {
    const text = ['a: &a x', 'list:', ...Array<string>(101).fill('  - *a')].join('\n');
    expect(readYaml(text)).toEqual({
      problem: 'Aliases (*name) stand for what they name more than 100 times over; write some of them out',
    });
  });
});
