/** The figures of several processes as one text, each sample marked with the process it comes from. */

/** Prometheus text format 0.0.4, by process; samples of one metric stay together, as the format asks. */
export function mergeMetrics(texts: ReadonlyMap<string, string>, label: string): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const [value, text] of texts) {
    let family: { readonly head: string[]; readonly samples: string[] } | undefined;
    for (const line of text.split('\n')) {
      const name = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1];
      if (name !== undefined) {
        const known = families.get(name);
        family = known ?? { head: [], samples: [] };
        if (known === undefined) families.set(name, family);
        if (!family.head.includes(line)) family.head.push(line);
      } else if (line !== '') family?.samples.push(marked(line, `${label}="${value}"`));
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, '']).join('\n');
}

/** A sample with one label more: `name{a="b"} 1` or `name 1`. */
function marked(sample: string, label: string): string {
  const end = sample.search(/[{ ]/);
  const rest = sample.slice(end);
  return sample.slice(0, end) + (rest.startsWith('{') ? `{${label},${rest.slice(1)}` : `{${label}}${rest}`);
}
