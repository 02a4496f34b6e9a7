/** What a process under measurement used: CPU by thread from /proc, counters and histograms from its /metrics. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU time in ticks of 10 ms (sysconf _SC_CLK_TCK = 100 on every supported kernel). */
const TICKS_PER_SECOND = 100;

/** A stat file’s fields from the third on, those behind the parenthesised name. Source: proc(5). */
const statFields = (statFile: string): string[] =>
  readFileSync(statFile, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');

/** User + system seconds: fields 14 and 15. */
function cpuSecondsOf(statFile: string): number {
  const fields = statFields(statFile);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same with the children that have ended: fields 14 to 17. */
function familySecondsOf(statFile: string): number {
  const ticks = statFields(statFile).slice(11, 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) / TICKS_PER_SECOND;
}

/** CPU seconds of a service: of its process, of each thread in it by number, and of the processes it started. */
export interface ServiceCpu {
  readonly process: number;
  readonly threads: ReadonlyMap<number, number>;
  readonly children: number;
}

export function cpuOf(pid: number): ServiceCpu {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  const children = processTree(pid).filter((each) => each !== pid);
  return {
    process: cpuSecondsOf(`/proc/${pid}/stat`),
    threads: new Map(threads.map((thread) => [thread, cpuSecondsOf(`/proc/${pid}/task/${thread}/stat`)])),
    children: children.reduce((sum, child) => sum + cpuSecondsOf(`/proc/${child}/stat`), 0),
  };
}

/** What was used between two looks: the main thread scores, and of the others the HTTP thread works most. */
export function cpuBetween(
  before: ServiceCpu,
  after: ServiceCpu,
  pid: number,
): Readonly<Record<'scoringThread' | 'httpThread' | 'process' | 'ledgerProcess', number>> {
  const used = new Map([...after.threads].map(([thread, s]) => [thread, s - (before.threads.get(thread) ?? 0)]));
  const others = [...used].filter(([thread]) => thread !== pid).map(([, seconds]) => seconds);
  return {
    scoringThread: used.get(pid)!,
    httpThread: Math.max(0, ...others),
    process: after.process - before.process,
    ledgerProcess: after.children - before.children,
  };
}

/** CPU seconds of this process and of all those it started that have ended. */
export const familyCpuSeconds = (): number => familySecondsOf('/proc/self/stat');

/** CPU seconds of a process and of all below it, those that have ended included. */
export function treeCpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + familySecondsOf(`/proc/${each}/stat`), 0);
}

/** The threads of a process in the order they were started: field 22. */
export function threadsByStart(pid: number): number[] {
  const startOf = (thread: number): number => Number(statFields(`/proc/${pid}/task/${thread}/stat`)[19]);
  const threads = readdirSync(`/proc/${pid}/task`).map((name) => ({ thread: Number(name), start: startOf(Number(name)) })); // prettier-ignore
  return threads.sort((a, b) => a.start - b.start || a.thread - b.thread).map(({ thread }) => thread);
}

/** CPU seconds that everything on the machine used, idle left out. */
export function machineCpuSeconds(): number {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user! + nice! + system! + irq! + softirq!) / TICKS_PER_SECOND;
}

/** Resident bytes of a process. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

/** Descendants of a process, itself included. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      parents.set(Number(name), Number(statFields(`/proc/${name}/stat`)[1]));
    } catch {
      continue; // it ended while we looked
    }
  }
  const isBelow = (candidate: number): boolean =>
    candidate === pid || (parents.has(candidate) && isBelow(parents.get(candidate)!));
  return [...parents.keys()].filter(isBelow);
}

/** Samples of a Prometheus text page by full name with labels. */
export function parseMetrics(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/**
 * What a Prometheus histogram gained between two pages, over all its label sets: count, mean and bucket edges of quantiles.
 * A quantile beyond the last edge is Infinity, which JSON writes as null.
 */
export function histogramGain(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  name: string,
): { readonly count: number; readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number } {
  const gains = (suffix: string): { readonly key: string; readonly gain: number }[] =>
    [...after]
      .filter(([key]) => key === name + suffix || key.startsWith(`${name}${suffix}{`))
      .map(([key, value]) => ({ key, gain: value - (before.get(key) ?? 0) }));
  const total = (suffix: string): number => gains(suffix).reduce((sum, { gain }) => sum + gain, 0);
  const atMost = new Map<number, number>();
  for (const { key, gain } of gains('_bucket')) {
    const edge = Number(/le="([^"]+)"/.exec(key)![1]!.replace('+Inf', 'Infinity'));
    atMost.set(edge, (atMost.get(edge) ?? 0) + gain);
  }
  const edges = [...atMost.keys()].sort((a, b) => a - b);
  const count = total('_count');
  const at = (q: number): number => edges.find((edge) => atMost.get(edge)! >= q * count) ?? 0;
  return {
    count,
    mean: count === 0 ? 0 : total('_sum') / count,
    p50: at(0.5),
    p99: at(0.99),
    max: count === 0 ? 0 : at(1),
  };
}
