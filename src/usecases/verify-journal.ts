/** Proves a journal from its own records: finds again what decided, makes every decision again, and compares. */
import { type HashText, type Policy } from '../decisions/policy.ts';
import { readPolicy } from '../decisions/read-policy.ts';
import { SentinelError } from '../domain/errors.ts';
import { createFeatureEngine, type FeatureSettings } from '../features/engine.ts';
import { type JournalRecord, type PinnedVersions } from '../journal/record.ts';
import { type ModelArtifact } from '../scoring/artifact.ts';
import { createFold } from './fold.ts';
import { championOf } from './load-champion.ts';
import { type Champion } from './judge.ts';
import { createParityCheck, type Difference, type ParityReport } from './verify-parity.ts';

export interface VerifyJournalDeps {
  /** Hands over every record from the first one on, in order; called once for each setting of the feature engine. */
  readonly replay: (take: (record: JournalRecord) => Promise<void>) => Promise<void>;
  /** The artifact of a version; undefined when it is gone. */
  readonly artifactOf: (version: string) => Promise<ModelArtifact | undefined>;
  readonly hashText: HashText;
  readonly onDifference?: (difference: Difference) => void;
}

const keyOf = (settings: FeatureSettings): string => JSON.stringify(settings);

/** Remembers what it is asked for. */
function remembered<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (name) => {
    const answer = known.get(name) ?? ask(name);
    known.set(name, answer);
    return answer;
  };
}

/**
 * Compares every decision. A model put in service with other feature settings made the service fold its journal anew,
 * so each kind of settings is a pass of its own; nearly always there is one.
 */
export async function verifyJournal(deps: VerifyJournalDeps, first: FeatureSettings): Promise<ParityReport> {
  const artifactOf = remembered(deps.artifactOf);
  const passes = new Map([[keyOf(first), first]]);
  const reports: ParityReport[] = [];
  for (const [key, settings] of passes) {
    // A decision of a model that is gone is compared in the first pass, up to the features.
    const isMadeHere = async (model: string): Promise<boolean> => {
      const own = (await artifactOf(model))?.featureSettings ?? first;
      if (!passes.has(keyOf(own))) passes.set(keyOf(own), own); // a Map takes in what is added while it is walked
      return keyOf(own) === key;
    };
    reports.push(await onePass(deps, settings, artifactOf, isMadeHere));
  }
  return joined(reports);
}

async function onePass(
  { replay, hashText, onDifference }: VerifyJournalDeps,
  settings: FeatureSettings,
  artifactOf: (version: string) => Promise<ModelArtifact | undefined>,
  isMadeHere: (model: string) => Promise<boolean>,
): Promise<ParityReport> {
  const fold = createFold(createFeatureEngine(settings));
  const policies = new Map<string, Policy>();
  let modelInForce = '';
  const championFor = async ({ model, policy, lists }: PinnedVersions): Promise<Champion | undefined> => {
    const [artifact, terms] = [await artifactOf(model), policies.get(`${policy} ${lists}`)];
    return artifact && terms && championOf(artifact, terms, fold.engine.catalogue);
  };
  const parity = createParityCheck({
    fold,
    championOf: championFor,
    isConcerned: (record) => isMadeHere(record.type === 'decision' ? record.versions.model : modelInForce),
  });
  await replay(async (record) => {
    if (record.type === 'change' && record.subject === 'model') modelInForce = record.version;
    if (record.type === 'change' && record.subject === 'policy') {
      const policy = policyIn(record.after, hashText);
      if (policy !== undefined) policies.set(`${policy.version} ${policy.listsVersion}`, policy);
    }
    const difference = await parity.check(record);
    if (difference !== undefined) onDifference?.(difference);
  });
  return parity.report();
}

/** The recorded policy under the versions its own content gives; a document that is none leaves them missing. */
function policyIn(document: string, hashText: HashText): Policy | undefined {
  try {
    return readPolicy(JSON.parse(document), hashText);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SentinelError) return undefined;
    throw error;
  }
}

function joined(reports: readonly ParityReport[]): ParityReport {
  const sum = (count: (report: ParityReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const first = reports.flatMap((report) => report.first ?? []).sort((a, b) => a.seq - b.seq)[0];
  return {
    records: reports[0]?.records ?? 0,
    decisions: sum(({ decisions }) => decisions),
    features: sum(({ features }) => features),
    fallbacks: sum(({ fallbacks }) => fallbacks),
    besideLost: sum(({ besideLost }) => besideLost),
    differing: sum(({ differing }) => differing),
    ...(first !== undefined && { first }),
    missingVersions: [...new Set(reports.flatMap(({ missingVersions }) => missingVersions))],
  };
}
