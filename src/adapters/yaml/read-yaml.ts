/** YAML (and so JSON) text → a plain value, or the line and column that are wrong. */
import { parseDocument } from 'yaml';

export type YamlResult = { readonly value: unknown } | { readonly problem: string };

/** Aliases are the way to make a small file expand without end; no file of ours needs more than a few. */
const MAX_ALIASES = 100;

/** In place of the library’s words, which are for programmers, and see an attack in a name used often. */
const MANY_ALIASES = `Aliases (*name) stand for what they name more than ${MAX_ALIASES} times over; write some of them out`;
const MANY_DOCUMENTS = 'A line of --- begins another document, where one is expected,';

/** The value of one YAML 1.2 document; an empty text is null. Times stay texts. */
export function readYaml(text: string): YamlResult {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    const problem = mistake.message.split('\n')[0]!.replace(/:$/, '');
    return {
      problem: mistake.code === 'MULTIPLE_DOCS' ? problem.replace(/^.*(?= at line )/, MANY_DOCUMENTS) : problem,
    };
  }
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problem: problem.startsWith('Excessive alias count') ? MANY_ALIASES : problem };
  }
}
