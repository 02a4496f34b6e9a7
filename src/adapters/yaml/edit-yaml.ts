/** YAML text with some entries of one map in it changed; all the rest stays, comments too. */
import { isMap, parseDocument, YAMLMap } from 'yaml';

/** `text` must be a map in YAML, and `key` in it a map, empty or absent; an entry without a value is taken out. */
export function withEntries(text: string, key: string, entries: ReadonlyMap<string, unknown>): string {
  const document = parseDocument(text);
  if (!isMap(document.get(key))) document.set(key, new YAMLMap());
  for (const [name, value] of entries) {
    if (value === undefined) document.deleteIn([key, name]);
    else document.setIn([key, name], document.createNode(value));
  }
  return document.toString({ indentSeq: false, lineWidth: 0 });
}
