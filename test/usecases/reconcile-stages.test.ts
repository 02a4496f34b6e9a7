/** Laws of making two registries agree. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL_STAGES, type ModelStage } from '../../src/ports/model-registry.ts';
import { type AgreedStages } from '../../src/ports/tracking-server.ts';
import { aliasesOf, NEVER_AGREED, reconcileStages, type ServerStages } from '../../src/usecases/reconcile-stages.ts';

type Written = Readonly<Record<string, ModelStage>>;
const VERSIONS = ['v1', 'v2', 'v3', 'v4'];
const mapOf = (stages: Written): Map<string, ModelStage> => new Map(Object.entries(stages));
const agreedOn = (stages: Written): AgreedStages => ({ stages, ...aliasesOf(mapOf(stages)) });
const there = (stages: Written, aliases?: { champion?: string; challenger?: string }): ServerStages => ({
  stages: mapOf(stages),
  ...(aliases ?? aliasesOf(mapOf(stages))),
});
const outcome = (agreed: AgreedStages, here: Written, server: ServerStages, refused?: ReadonlySet<string>) => {
  const { stages, overruled } = reconcileStages(agreed, mapOf(here), server, refused);
  return { ...Object.fromEntries(stages), overruled };
};

describe('two registries', () => {
  const base = { v1: 'production', v2: 'none', v3: 'none' } as const;

  it.each<[string, Written, ServerStages, Written, readonly string[]]>([
    ['keep what neither changed', base, there(base), base, []],
    ['take a promotion made here', { ...base, v1: 'archived', v2: 'production' }, there(base), { v1: 'archived', v2: 'production', v3: 'none' }, []],
    ['take a stage changed there', base, there({ ...base, v2: 'staging' }, { champion: 'v1' }), { ...base, v2: 'staging' }, []],
    ['take a promotion by stage made there, and archive the former', base, there({ ...base, v2: 'production' }, { champion: 'v1' }), { v1: 'archived', v2: 'production', v3: 'none' }, []],
    ['take the alias champion moved there for a promotion', base, there(base, { champion: 'v2' }), { v1: 'archived', v2: 'production', v3: 'none' }, []],
    ['take the alias champion removed there for the end of production', base, there(base, {}), { v1: 'archived', v2: 'none', v3: 'none' }, []],
    ['take the alias challenger set there for staging', base, there(base, { champion: 'v1', challenger: 'v3' }), { ...base, v3: 'staging' }, []],
    ['let the choice made here win when both promoted another', { ...base, v1: 'archived', v2: 'production' }, there(base, { champion: 'v3' }), { v1: 'archived', v2: 'production', v3: 'none' }, ['v3']],
    ['let the change made here win when both changed one version', { ...base, v2: 'archived' }, there({ ...base, v2: 'staging' }, { champion: 'v1' }), { ...base, v2: 'archived' }, ['v2']],
    ['agree when both made the same change', { ...base, v2: 'staging' }, there({ ...base, v2: 'staging' }), { ...base, v2: 'staging' }, []],
    ['promote there what fills the place emptied here', { ...base, v1: 'archived' }, there(base, { champion: 'v2' }), { v1: 'archived', v2: 'production', v3: 'none' }, []],
  ])('%s', (_, here, server, stages, overruled) => {
    expect(outcome(agreedOn(base), here, server)).toEqual({ ...stages, overruled });
  }); // prettier-ignore

  it('move the challenger from one version to another', () => {
    const before = { v1: 'production', v2: 'staging', v3: 'none' } as const;
    const moved = there(before, { champion: 'v1', challenger: 'v3' });
    expect(outcome(agreedOn(before), before, moved)).toEqual({ v1: 'production', v2: 'none', v3: 'staging', overruled: [] }); // prettier-ignore
  });

  it('do not promote what may not be promoted, and keep the champion', () => {
    const result = outcome(agreedOn(base), base, there(base, { champion: 'v2' }), new Set(['v2']));
    expect(result).toEqual({ ...base, overruled: ['v2'] });
  });

  it('follow this side when they never agreed', () => {
    const server = there({ v1: 'none', v2: 'none', v3: 'none' });
    expect(outcome(NEVER_AGREED, base, server)).toEqual({ ...base, overruled: [] });
  });

  const stages = fc.record(Object.fromEntries(VERSIONS.map((v) => [v, fc.constantFrom(...MODEL_STAGES)])));
  /** At most one in production, as a registry has it. */
  const registry = stages.map((all) => {
    const champion = VERSIONS.findLast((version) => all[version] === 'production');
    const one = VERSIONS.map((v) => [v, all[v] === 'production' && v !== champion ? 'archived' : all[v]!] as const);
    return Object.fromEntries(one) as Written;
  });
  const alias = fc.option(fc.constantFrom(...VERSIONS), { nil: undefined });
  const server = fc.tuple(stages as fc.Arbitrary<Written>, alias, alias).map(([all, champion, challenger]) =>
    there(all, { ...(champion && { champion }), ...(challenger && { challenger }) }),
  ); // prettier-ignore

  it('have at most one version in production, and then stay as they are', () => {
    fc.assert(
      fc.property(registry, registry, server, (base, here, away) => {
        const merged = Object.fromEntries(reconcileStages(agreedOn(base), mapOf(here), away).stages) as Written;
        expect(Object.values(merged).filter((stage) => stage === 'production').length).toBeLessThanOrEqual(1);
        expect(outcome(agreedOn(merged), merged, there(merged))).toEqual({ ...merged, overruled: [] });
      }),
    );
  });

  it('do not lose what was changed here', () => {
    fc.assert(
      fc.property(registry, registry, server, (base, here, away) => {
        const { stages: merged } = reconcileStages(agreedOn(base), mapOf(here), away);
        for (const version of VERSIONS) {
          if (here[version] !== base[version]) expect(merged.get(version)).toBe(here[version]);
        }
      }),
    );
  });
});
