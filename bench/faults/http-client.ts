/** Clients that ask any instance, again and again until they are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random } from '../../src/stats/random.ts';
import { type Member } from './member.ts';
import { type Errand } from './traffic.ts';

export interface Answer {
  readonly errand: Errand;
  /** As it came. */
  readonly text: string;
  /** Since the process began, milliseconds. */
  readonly atMs: number;
  /** Times it was sent until then. */
  readonly attempts: number;
}

export interface HttpClient {
  send(errand: Errand): void;
  readonly answers: readonly Answer[];
  /** Answers that repeating does not change, with what they answered. */
  readonly refusals: readonly string[];
  /** Attempts by status; 0 where there was no answer. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Errands not answered yet. */
  waiting(): number;
  /** Gives up what is not answered. */
  stop(): void;
}

const PATHS = { transactions: '/api/v1/predict', labels: '/api/v1/labels' } as const satisfies Record<Errand['to'], string>; // prettier-ignore
/** On their way at once; others wait for their turn. */
const AT_ONCE = 128;
const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 400;
const TOO_MANY = 429;
const BROKEN = 500;

export function createHttpClient(apis: readonly Member[], random: Random): HttpClient {
  const queue: Errand[] = [];
  const answers: Answer[] = [];
  const refusals: string[] = [];
  const statuses = new Map<number, number>();
  let busy = 0;
  let stopped = false;

  const attempt = async ({ to, body }: Errand): Promise<{ readonly status: number; readonly text: string }> => {
    const urls = apis.flatMap((api) => api.url() ?? []);
    const url = urls[random.integer(Math.max(1, urls.length))];
    if (url === undefined) return { status: 0, text: '' };
    try {
      const reply = await fetch(url + PATHS[to], {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: reply.status, text: await reply.text() };
    } catch {
      return { status: 0, text: '' }; // the connection broke, or nothing came in time
    }
  };

  const persist = async (errand: Errand): Promise<void> => {
    for (let attempts = 1; !stopped; attempts += 1) {
      const { status, text } = await attempt(errand);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 200 && status < 300) {
        answers.push({ errand, text, atMs: performance.now(), attempts });
        return;
      }
      if (status !== 0 && status < BROKEN && status !== TOO_MANY) {
        refusals.push(`${status} ${text} to ${errand.body}`);
        return;
      }
      await sleep(random.next() * LONGEST_PAUSE_MS);
    }
  };

  const pump = (): void => {
    while (busy < AT_ONCE && queue.length > 0) {
      busy += 1;
      void persist(queue.shift()!).then(() => {
        busy -= 1;
        pump();
      });
    }
  };

  return {
    send(errand) {
      queue.push(errand);
      pump();
    },
    answers,
    refusals,
    statuses,
    waiting: () => queue.length + busy,
    stop() {
      stopped = true;
      queue.length = 0;
    },
  };
}
