/** YAML (and so JSON) text → a plain value, or the line and column that are wrong. */
import { parseDocument } from 'yaml';

export type YamlResult = { readonly value: unknown } | { readonly problem: string };

/** Aliases are the way to make a small file expand without end; no file of ours needs more than a few. */
const MAX_ALIASES = 100;

/** The value of one YAML 1.2 document; an empty text is null. Times stay texts. */
export function readYaml(text: string): YamlResult {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const mistake = document.errors[0];
  if (mistake !== undefined) return { problem: mistake.message.split('\n')[0]!.replace(/:$/, '') };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
