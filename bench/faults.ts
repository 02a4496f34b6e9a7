/** Breaks everything there is to break under load, lets it come to rest, and counts what was lost, doubled or changed. */
import { join } from 'node:path';
import { type FeatureSettings } from '../src/features/settings.ts';
import { createRandom } from '../src/stats/random.ts';
import { type Champion } from '../src/usecases/judge.ts';
import { type Finding } from './faults/checks/finding.ts';
import { comeToRest, endInRest } from './faults/come-to-rest.ts';
import { openFakeClock } from './faults/fake-clock.ts';
import { FAULT_KINDS } from './faults/fault-kinds.ts';
import { type Fleet, startFleet } from './faults/fleet.ts';
import { createHttpClient, type HttpClient } from './faults/http-client.ts';
import { type Lines, openLines } from './faults/lines.ts';
import { look, type Seen } from './faults/look.ts';
import { openOwnServers, type OwnServers } from './own-servers.ts';
import { type KnownPayment } from './faults/poison.ts';
import { startTraffic } from './faults/send-traffic.ts';
import { longestSilence } from './faults/silence.ts';
import { type Strike, strikeAll } from './faults/strike-all.ts';
import { openTopicClient } from './faults/topic-client.ts';

export interface FaultsBenchOptions {
  /** Where servers and processes keep what they have and say. */
  readonly directory: string;
  readonly modelsDir: string;
  /** What decides, for the replay. */
  readonly settings: FeatureSettings;
  readonly champion: Champion;
  readonly seed: number;
  /** Payments made a second. */
  readonly perSecond: number;
  /** How many by the name of their kind; the others strike as often as usual. */
  readonly counts: ReadonlyMap<string, number>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface FaultFigures {
  readonly name: string;
  readonly struck: number;
  /** The longest time without any answer by HTTP, and without any decision by the topic, after one of them. */
  readonly longestWithoutAnswerMs: number;
  readonly longestWithoutDecisionMs: number;
}

export interface FaultsReport {
  readonly seed: number;
  readonly node: string;
  readonly seconds: number;
  readonly hasFakeClock: boolean;
  readonly faults: readonly FaultFigures[];
  readonly sent: Seen['sent'];
  readonly records: number;
  /** Attempts by HTTP by status; 0 where there was no answer. */
  readonly httpStatuses: Readonly<Record<string, number>>;
  /** Processes that ended by themselves and were begun again, with what they ended. */
  readonly ownEnds: readonly string[];
  /** What did not come to rest, or did not end well when told to finish. */
  readonly unrest: readonly string[];
  readonly findings: readonly Finding[];
  readonly lost: number;
  readonly duplicated: number;
  readonly differing: number;
}

const READY_MS = 180_000;
/** Payments flow when one was answered within this. */
const FLOW_MS = 1_000;
const STREAMS = { strikes: 2, client: 3, known: 4 } as const;

export async function benchFaults(options: FaultsBenchOptions): Promise<FaultsReport> {
  const { directory, say } = options;
  say('starting Kafka, Redis and PostgreSQL');
  const servers = await openOwnServers(join(directory, 'servers'));
  let lines: Lines | undefined;
  let fleet: Fleet | undefined;
  try {
    lines = await openLines(servers.addresses);
    const clock = openFakeClock(directory);
    say('starting two API instances and two workers');
    fleet = startFleet({ directory, modelsDir: options.modelsDir, lines, clock });
    return await breakAndCount(options, { servers, lines, clock, fleet });
  } finally {
    await fleet?.kill();
    await lines?.close();
    await servers.stop();
  }
}

interface Stage {
  readonly servers: OwnServers;
  readonly lines: Lines;
  readonly clock: ReturnType<typeof openFakeClock>;
  readonly fleet: Fleet;
}

async function breakAndCount(options: FaultsBenchOptions, stage: Stage): Promise<FaultsReport> {
  const { seed, perSecond, counts, say, signal } = options;
  const { servers, fleet } = stage;
  const members = [...fleet.apis, ...fleet.workers];
  for (const { name, ready } of members) if (!(await ready(READY_MS))) throw new Error(`${name} did not start within ${READY_MS / 1_000} s; its words are in ${options.directory}`); // prettier-ignore
  const begunMs = performance.now();
  const random = createRandom(seed);
  const http = createHttpClient(fleet.apis, random.fork(STREAMS.client));
  const topics = openTopicClient(servers.addresses.broker);
  const known = random.fork(STREAMS.known);
  let strikes: readonly Strike[];
  let unrest: readonly string[];
  const rest = { addresses: servers.addresses, journalKey: fleet.journalKey, say, signal };
  try {
    const traffic = startTraffic({ seed, perSecond, http, topics });
    try {
      strikes = await strikeAll({
        counts,
        random: random.fork(STREAMS.strikes),
        world: { ...stage, send: topics.send, knownPayment: () => knownPayment(http, known.next()) },
        isFlowing: () => performance.now() - (http.answers.at(-1)?.atMs ?? 0) < FLOW_MS,
        say,
        signal,
      });
    } finally {
      traffic.stop();
    }
    unrest = await comeToRest({ ...rest, http, topics });
  } finally {
    http.stop();
    await topics.close();
  }
  const badEnds = await endInRest(fleet, rest);
  say('comparing what is left with what was sent');
  const seen = await look({ ...options, addresses: servers.addresses, journalKey: fleet.journalKey, http });
  const sum = (count: (finding: Finding) => number): number => seen.findings.reduce((all, each) => all + count(each), 0); // prettier-ignore
  return {
    seed,
    node: process.version,
    seconds: (performance.now() - begunMs) / 1_000,
    hasFakeClock: stage.clock !== undefined,
    faults: figuresOf(strikes, http, seen),
    sent: seen.sent,
    records: seen.records,
    httpStatuses: Object.fromEntries(http.statuses),
    ownEnds: members.flatMap(({ name, ownEnds }) => ownEnds().map((how) => `${name} ended with ${how}`)),
    unrest: [...unrest, ...badEnds],
    findings: seen.findings,
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    differing: sum(({ differing }) => differing),
  };
}

/** One of the latest, by a number from 0 to 1. */
function knownPayment({ answers }: HttpClient, chosen: number): KnownPayment {
  const paid = answers.filter(({ errand }) => errand.to === 'transactions');
  const { body } = paid[Math.floor(chosen * paid.length)]!.errand; // the first fault strikes when payments flow
  return { body };
}

function figuresOf(strikes: readonly Strike[], { answers }: HttpClient, { decidedAtMs }: Seen): FaultFigures[] {
  const answeredAtMs = answers.map(({ atMs }) => atMs);
  const decided = decidedAtMs.map((timeMs) => timeMs - performance.timeOrigin);
  return FAULT_KINDS.map(({ name }) => {
    const own = strikes.filter(({ kind }) => kind === name);
    const longest = (timesMs: readonly number[]): number =>
      Math.max(0, ...own.map(({ fromMs, toMs }) => longestSilence(timesMs, fromMs, toMs)));
    return {
      name,
      struck: own.length,
      longestWithoutAnswerMs: Math.round(longest(answeredAtMs)),
      longestWithoutDecisionMs: Math.round(longest(decided)),
    };
  });
}
