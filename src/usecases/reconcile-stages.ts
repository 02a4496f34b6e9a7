/** The stages of models as two places have them, and as they last agreed: what both should have now. */
import { type ModelStage } from '../ports/model-registry.ts';
import { type AgreedStages } from '../ports/tracking-server.ts';

export type Stages = ReadonlyMap<string, ModelStage>;

/** Stages and aliases by version on the server; an alias on a version that is not ours is left out. */
export interface ServerStages {
  readonly stages: Stages;
  readonly champion?: string;
  readonly challenger?: string;
}

export interface Reconciled {
  /** The stage of every version that both have: at most one `production`. */
  readonly stages: Stages;
  /** Versions whose change on the server loses to one made here, or is not allowed. */
  readonly overruled: readonly string[];
}

export const NEVER_AGREED: AgreedStages = { stages: {} };

/**
 * A change made on one side since both last agreed holds on both. Where both changed the same version, or each put
 * another one in production, the change made here holds: payments are decided here. On the server an alias moved is a
 * change like a stage moved: `champion` means production (none: archived), `challenger` staging (none: no stage).
 * `refused` are versions that must not go into production because of the server.
 */
export function reconcileStages(
  agreed: AgreedStages,
  here: Stages,
  there: ServerStages,
  refused: ReadonlySet<string> = new Set(),
): Reconciled {
  const before = (version: string): ModelStage => agreed.stages[version] ?? 'none';
  const wished = wishesOf(agreed, there);
  const merged = new Map<string, ModelStage>();
  const overruled = new Set<string>();
  for (const [version, stage] of here) {
    if (!there.stages.has(version)) continue;
    const wish = wished.get(version) ?? before(version);
    const isRefused = wish === 'production' && refused.has(version);
    const isChangedHere = stage !== before(version);
    const isChangedThere = wish !== before(version);
    merged.set(version, isChangedThere && !isChangedHere && !isRefused ? wish : stage);
    if (isChangedThere && wish !== merged.get(version)) overruled.add(version);
  }
  const champion = championAmong(merged, before, here);
  for (const [version, stage] of merged) {
    if (stage !== 'production' || version === champion) continue;
    // What both had in production, or this side moved away, is succeeded; a wish beside the choice made here is not met.
    const isWish = here.get(version) !== 'production' && before(version) !== 'production';
    merged.set(version, isWish ? here.get(version)! : 'archived');
    if (isWish) overruled.add(version);
  }
  return { stages: merged, overruled: [...overruled].sort() };
}

/** The stage each version should have by what was done on the server since. */
function wishesOf(agreed: AgreedStages, there: ServerStages): Map<string, ModelStage> {
  const before = (version: string): ModelStage => agreed.stages[version] ?? 'none';
  const wished = new Map([...there.stages].filter(([version, stage]) => stage !== before(version)));
  const wish = (version: string | undefined, stage: ModelStage): void => {
    if (version !== undefined && there.stages.has(version) && !wished.has(version)) wished.set(version, stage);
  };
  if (there.champion !== agreed.champion) {
    if (there.champion === undefined) wish(agreed.champion, 'archived');
    else wish(there.champion, 'production');
  }
  if (there.challenger !== agreed.challenger) {
    if (there.challenger !== there.champion) wish(there.challenger, 'staging');
    if (agreed.challenger !== undefined && before(agreed.challenger) === 'staging') wish(agreed.challenger, 'none');
  }
  return wished;
}

/** The one to be in production: what was newly put there here, else the newest newly put there, else the former. */
function championAmong(merged: Stages, before: (version: string) => ModelStage, here: Stages): string | undefined {
  const claims = [...merged].filter(([, stage]) => stage === 'production').map(([version]) => version).sort(); // prettier-ignore
  const isNew = (version: string): boolean => before(version) !== 'production';
  const madeHere = claims.findLast((version) => isNew(version) && here.get(version) === 'production');
  return madeHere ?? claims.findLast(isNew) ?? claims.at(-1);
}

/** Which version each alias should name: the one in production, and the newest in staging. */
export function aliasesOf(stages: Stages): { readonly champion?: string; readonly challenger?: string } {
  const newest = (wanted: ModelStage): string | undefined =>
    [...stages].filter(([, stage]) => stage === wanted).map(([version]) => version).sort().at(-1); // prettier-ignore
  const [champion, challenger] = [newest('production'), newest('staging')];
  return { ...(champion !== undefined && { champion }), ...(challenger !== undefined && { challenger }) };
}
