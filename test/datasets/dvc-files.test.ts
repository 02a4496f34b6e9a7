import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/adapters/yaml/read-yaml.ts';
import { dvcLock, dvcPipeline, dvcPointer, type LockedStage } from '../../src/datasets/dvc-files.ts';

const valueOf = (text: string): unknown => {
  const read = readYaml(text);
  if ('problem' in read) throw new Error(`${read.problem}\n${text}`);
  return read.value;
};
const md5 = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 }).map((x) => x.join(''));
/** Digests that YAML might take for numbers. */
const oddMd5 = fc.oneof(md5, fc.constantFrom('1'.repeat(32), `12e${'3'.repeat(29)}`, `0${'7'.repeat(31)}`));
const file = fc.record({ path: fc.string({ minLength: 1, unit: 'grapheme-ascii' }), bytes: fc.nat(), md5: oddMd5 });
const words = fc.string({ minLength: 1, unit: 'grapheme-ascii' });
const stage = fc.record({
  cmd: words,
  deps: fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 3 }),
  params: fc.record({ file: words, values: fc.dictionary(fc.constantFrom('train', 'data.generate'), fc.jsonValue()) }),
  outs: fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 3 }),
});

describe('the files of DVC', () => {
  it('hold what dvc add writes of a file', () => {
    // Written by `dvc add data/p.csv` of DVC 3.67 over the six bytes "hello\n".
    const added = 'outs:\n- md5: b1946ac92492d2347c6235b4d2611184\n  size: 6\n  hash: md5\n  path: p.csv\n';
    expect(dvcPointer({ path: 'p.csv', bytes: 6, md5: 'b1946ac92492d2347c6235b4d2611184' })).toBe(added);
  });

  it('read back as they were meant, whatever names and values', () => {
    fc.assert(
      fc.property(stage, (given) => {
        const locked: LockedStage = { ...given, metrics: [] };
        const { stages } = valueOf(dvcLock(new Map([['train', locked]]))) as { stages: { train: Record<string, unknown> } }; // prettier-ignore
        const shown = (files: LockedStage['deps']) =>
          files.map(({ path, bytes, md5: hash }) => ({ path, hash: 'md5', md5: hash, size: bytes })).sort((a, b) => (a.path < b.path ? -1 : 1)); // prettier-ignore
        expect(stages.train['cmd']).toBe(given.cmd);
        expect(stages.train['deps'] ?? []).toEqual(shown(given.deps));
        expect(stages.train['outs'] ?? []).toEqual(shown(given.outs));
        const params = (stages.train['params'] as Record<string, Record<string, unknown>>)[given.params.file] ?? {};
        expect(JSON.stringify(params)).toBe(JSON.stringify(given.params.values));
      }),
    );
  });

  it.each(['.0', '.5e3', '.inf', '.nan', '...'])('keep the name %s a name', (path) => {
    const md5 = '0'.repeat(32);
    expect(valueOf(dvcPointer({ path, bytes: 0, md5 }))).toEqual({ outs: [{ md5, size: 0, hash: 'md5', path }] });
  });

  it('keep the stages that did not run', () => {
    const kept = { cmd: 'x', deps: [{ path: 'a', md5: 'b' }] };
    expect(valueOf(dvcLock(new Map(), new Map([['old', kept]])))).toEqual({ schema: '2.0', stages: { old: kept } });
  });

  it('name outputs without a copy in the cache, metrics apart', () => {
    const planned = { cmd: './sentinel x', deps: ['a b'], params: { file: 's.yml', values: { train: {} } }, outs: ['o', 'm'], metrics: ['m'] }; // prettier-ignore
    expect(valueOf(dvcPipeline(new Map([['train', planned]])))).toEqual({
      stages: {
        train: {
          cmd: './sentinel x',
          deps: ['a b'],
          params: [{ 's.yml': ['train'] }],
          outs: [{ o: { cache: false } }],
          metrics: [{ m: { cache: false } }],
        },
      },
    });
  });
});
