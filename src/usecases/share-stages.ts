/** Makes the registry here and a tracking server agree on the stages of models, whichever of them was changed. */
import { SentinelError } from '../domain/errors.ts';
import { type ModelRegistry, type ModelStage } from '../ports/model-registry.ts';
import {
  type AgreedStages,
  type ServerModel,
  type ServerModels,
  type TrackingServer,
} from '../ports/tracking-server.ts';
import { aliasesOf, NEVER_AGREED, reconcileStages, type Reconciled, type ServerStages } from './reconcile-stages.ts';

export interface SharedStages {
  /** Stages that the server changed here. */
  readonly taken: readonly { readonly version: string; readonly stage: ModelStage }[];
  /** Stages and aliases changed on the server. */
  readonly given: number;
  readonly problems: readonly string[];
  readonly agreed: AgreedStages;
}

export interface SharingDeps {
  readonly registry: ModelRegistry;
  readonly server: TrackingServer;
  /** Rejects with the reason when a version could not serve. */
  readonly checkServable: (version: string) => Promise<void>;
}

const ALIASES = ['champion', 'challenger'] as const;

/** Rejects with TRACKING_UNAVAILABLE when the server is; then nothing counts as agreed that was not before. */
export async function shareStages(deps: SharingDeps, agreed: AgreedStages = NEVER_AGREED): Promise<SharedStages> {
  const { registry, server } = deps;
  const here = new Map((await registry.list()).map(({ version, stage }) => [version, stage]));
  const found = await server.models();
  const there = ourModels(found);
  const foreign = foreignAliases(found, here);
  const problems = foreign.map(
    ({ alias, number }) => `version ${number} on the server is ${alias}, but no model of this registry`,
  );
  for (const [version, stage] of here) {
    if (stage !== 'production' || there.byVersion.has(version)) continue;
    problems.push(`${version}, in production here, is not among the models there: deleted there, or no run made it`);
  }

  const refused = new Map<string, string>();
  let plan = reconcileStages(agreed, here, there.stages);
  for (let promoted; (promoted = promotedBy(plan, here)) !== undefined;) {
    const reason = await reasonAgainst(deps, promoted);
    if (reason === undefined) break;
    refused.set(promoted, reason);
    plan = reconcileStages(agreed, here, there.stages, new Set(refused.keys()));
  }
  for (const version of plan.overruled) {
    const reason = refused.get(version) ?? 'it was changed here too, and this registry decides';
    problems.push(`the change of ${version} on the server is undone: ${reason}`);
  }

  const taken = [...plan.stages]
    .filter(([version, stage]) => here.get(version) !== stage)
    .map(([version, stage]) => ({ version, stage }))
    // Last, as it archives the former one.
    .sort((a, b) => Number(a.stage === 'production') - Number(b.stage === 'production'));
  for (const { version, stage } of taken) await registry.setStage(version, stage);

  const given = await give(server, plan, there, found.aliases, foreign);
  return { taken, given, problems, agreed: { stages: Object.fromEntries(plan.stages), ...aliasesOf(plan.stages) } };
}

/** The newest entry of each of our versions, and where the aliases stand among them. */
function ourModels({ models, aliases }: ServerModels): {
  readonly byVersion: ReadonlyMap<string, ServerModel>;
  readonly stages: ServerStages;
} {
  const ours = models.filter(({ version }) => version !== undefined);
  const byVersion = new Map(
    ours.toSorted((a, b) => Number(a.number) - Number(b.number)).map((model) => [model.version!, model]),
  );
  const named = (alias: string): string | undefined => ours.find(({ number }) => number === aliases[alias])?.version;
  const [champion, challenger] = ALIASES.map(named);
  const stages = new Map([...byVersion].map(([version, { stage }]) => [version, stage]));
  return {
    byVersion,
    stages: { stages, ...(champion !== undefined && { champion }), ...(challenger !== undefined && { challenger }) },
  };
}

interface ForeignAlias {
  readonly alias: string;
  readonly number: string;
}

/** Aliases on models of others: registered by hand, or by another registry that shows its models on the same server. */
function foreignAliases(
  { models, aliases }: ServerModels,
  here: ReadonlyMap<string, ModelStage>,
): readonly ForeignAlias[] {
  return ALIASES.flatMap((alias) => {
    const number = aliases[alias];
    const model = models.find((each) => each.number === number);
    const isOurs = model?.version !== undefined && here.has(model.version);
    return number !== undefined && !isOurs ? [{ alias, number }] : [];
  });
}

/** The version that would go into production here. */
function promotedBy({ stages }: Reconciled, here: ReadonlyMap<string, ModelStage>): string | undefined {
  return [...stages].find(([version, stage]) => stage === 'production' && here.get(version) !== stage)?.[0];
}

async function reasonAgainst({ checkServable }: SharingDeps, version: string): Promise<string | undefined> {
  try {
    await checkServable(version);
    return undefined;
  } catch (error) {
    if (error instanceof SentinelError) return error.message;
    throw error;
  }
}

/** Changes on the server what differs; resolves to the number of changes. */
async function give(
  server: TrackingServer,
  plan: Reconciled,
  there: ReturnType<typeof ourModels>,
  aliases: ServerModels['aliases'],
  foreign: readonly ForeignAlias[],
): Promise<number> {
  let given = 0;
  for (const [version, stage] of plan.stages) {
    const model = there.byVersion.get(version)!; // the plan holds what both have
    if (model.stage === stage) continue;
    await server.setStage(model.number, stage);
    given++;
  }
  const wanted = aliasesOf(plan.stages);
  for (const alias of ALIASES) {
    const version = wanted[alias];
    const number = version === undefined ? undefined : there.byVersion.get(version)!.number;
    const isForeign = foreign.some((each) => each.alias === alias);
    if (aliases[alias] === number || (number === undefined && isForeign)) continue;
    await server.setAlias(alias, number);
    given++;
  }
  return given;
}
