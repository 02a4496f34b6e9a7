/** Whether servers answer: asked again and again, for whoever sends them nothing would not notice that they are away. */
import { SECOND_MS } from '../../domain/time.ts';
import { repeat, type Repeated } from './repeat.ts';

const ASK_MS = 2 * SECOND_MS;
/** A server that is busy takes seconds, too. */
const SILENT_MS = 10 * SECOND_MS;

export interface AnswersDeps {
  /** Resolves with an answer. */
  readonly ask: () => Promise<unknown>;
  readonly nowMs: () => number;
  readonly askMs?: number;
  /** How long after its last answer a server still counts as there. */
  readonly silentMs?: number;
}

export interface Answers extends Repeated {
  isAnswering(): boolean;
}

/** They answered just before. */
export function watchAnswers({ ask, nowMs, askMs = ASK_MS, silentMs = SILENT_MS }: AnswersDeps): Answers {
  let answeredMs = nowMs();
  const asking = repeat(
    askMs,
    async () => {
      await ask();
      answeredMs = nowMs();
    },
    () => undefined, // the silence tells
  );
  return { isAnswering: () => nowMs() - answeredMs <= silentMs, stop: asking.stop };
}
