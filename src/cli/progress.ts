/** How far a long task has come: a bar on a terminal, now and then a line elsewhere. */
import cliProgress from 'cli-progress';

export interface Progress {
  /** `done` of the total, counted from the start. */
  readonly update: (done: number) => void;
  /** Ends the bar; says how much was done in what time when it took longer than a second. */
  readonly finish: () => void;
}

export interface ProgressOutput {
  readonly stream: NodeJS.WritableStream;
  readonly isTerminal: boolean;
  /** Milliseconds from an arbitrary start; never goes back. */
  readonly nowMs: () => number;
}

/** Work shorter than this is not worth a line. */
const QUIET_MS = 1_000;
const LINE_EVERY_MS = 5_000;
const REDRAWS_A_SECOND = 10;

/** Starts the display; `total` may be unknown, then a terminal gets lines as well. */
export function startProgress(output: ProgressOutput, label: string, total?: number, unit = 'rows'): Progress {
  const startedMs = output.nowMs();
  let done = 0;
  const elapsedMs = (): number => output.nowMs() - startedMs;
  const say = (text: string): void => void output.stream.write(`${label}: ${text}\n`);
  const summary = (): void => {
    if (elapsedMs() >= QUIET_MS) say(`${count(done)} ${unit} in ${duration(elapsedMs())}`);
  };

  if (output.isTerminal && total !== undefined) {
    const bar = new cliProgress.SingleBar({
      stream: output.stream,
      fps: REDRAWS_A_SECOND,
      clearOnComplete: true,
      format: (options, { progress }) =>
        `${label} ${cliProgress.Format.BarFormat(progress, options)} ${describe(done, total, unit, elapsedMs())}`,
    });
    bar.start(total, 0);
    return {
      update: (value) => {
        done = value;
        bar.update(value);
      },
      finish: () => {
        bar.stop();
        summary();
      },
    };
  }

  let saidMs = QUIET_MS - LINE_EVERY_MS;
  return {
    update: (value) => {
      done = value;
      if (elapsedMs() - saidMs < LINE_EVERY_MS) return;
      saidMs = elapsedMs();
      say(describe(done, total, unit, saidMs));
    },
    finish: summary,
  };
}

/** “45 % · 900,000 of 2,000,000 rows · 210,000/s · 5 s left”. */
function describe(done: number, total: number | undefined, unit: string, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1_000 : 0;
  const rate = `${count(perSecond)}/s`;
  if (total === undefined || total <= 0) return `${count(done)} ${unit} · ${rate}`;
  const left = perSecond > 0 ? ` · ${duration((Math.max(0, total - done) / perSecond) * 1_000)} left` : '';
  return `${Math.floor((done / total) * 100)} % · ${count(done)} of ${count(total)} ${unit} · ${rate}${left}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
