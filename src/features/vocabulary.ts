/** The texts that payments repeat, each with what is asked of it at every payment: looked up once instead of three times. */
import { hash32 } from './hash.ts';
import { NO_ENTRY, type PublishedTables, type Subject, SUBJECTS, type TableEntry } from './slow-tables.ts';

export interface Word {
  /** Absent when the payment names none. */
  readonly text: string | undefined;
  /** NaN when the payment names none. */
  readonly hash: number;
  /** What the tables in force say of it. */
  entry: TableEntry;
  /** Its counts behind the slow tables, once they have been looked up. */
  days: Float64Array | undefined;
}

export const NO_WORD: Word = { text: undefined, hash: NaN, entry: NO_ENTRY, days: undefined };

/** Words remembered of one subject; when there are more, all are forgotten. */
const MAX_WORDS = 4096;

export interface Vocabulary {
  wordOf(subject: Subject, text: string | undefined): Word;
  /** Asks the tables newly in force about every word. */
  renew(): void;
  /** Lets go of the counts found, when some may have gone. */
  forgetCounts(): void;
}

export function createVocabulary(tablesInForce: () => PublishedTables): Vocabulary {
  const words = Object.fromEntries(SUBJECTS.map((subject) => [subject, new Map<string, Word>()])) as Readonly<
    Record<Subject, Map<string, Word>>
  >;
  const learn = (subject: Subject, text: string): Word => {
    const word = { text, hash: hash32(text), entry: tablesInForce().entry(subject, text), days: undefined };
    if (words[subject].size === MAX_WORDS) words[subject].clear();
    words[subject].set(text, word);
    return word;
  };
  return {
    wordOf: (subject, text) => (text === undefined ? NO_WORD : (words[subject].get(text) ?? learn(subject, text))),
    renew() {
      const tables = tablesInForce();
      for (const subject of SUBJECTS)
        for (const word of words[subject].values()) word.entry = tables.entry(subject, word.text);
    },
    forgetCounts() {
      for (const subject of SUBJECTS) for (const word of words[subject].values()) word.days = undefined;
    },
  };
}
