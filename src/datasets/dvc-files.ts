/** The files of DVC (dvc.org), written as its own commands read them. Source: DVC documentation, “Project Structure”, 3.x. */

export interface VersionedFile {
  /** As seen from the file that names it. */
  readonly path: string;
  readonly bytes: number;
  /** 32 hex digits. */
  readonly md5: string;
}

export interface PlannedStage {
  readonly cmd: string;
  readonly deps: readonly string[];
  /** A file of settings, and the settings in it that the stage reads, with their values. */
  readonly params: { readonly file: string; readonly values: Readonly<Record<string, unknown>> };
  readonly outs: readonly string[];
  /** Those of `outs` that `dvc metrics show` reads. */
  readonly metrics: readonly string[];
}

export type LockedStage = Omit<PlannedStage, 'deps' | 'outs'> & {
  readonly deps: readonly VersionedFile[];
  readonly outs: readonly VersionedFile[];
};

/** A plain YAML word, or one in quotes where YAML would read something else. */
function yamlText(text: string): string {
  return /^([A-Za-z/]|\.{1,2}\/)[\w./-]*( [\w./-]+)*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}

/** What `dvc add` writes beside a file: from it `dvc pull` brings these bytes back. */
export function dvcPointer({ path, bytes, md5 }: VersionedFile): string {
  return `outs:\n- md5: ${yamlMd5(md5)}\n  size: ${bytes}\n  hash: md5\n  path: ${yamlText(path)}\n`;
}

/** Digits alone, or digits around one e, would be read as a number. */
const yamlMd5 = (md5: string): string => (/^\d+(e\d+)?$/.test(md5) ? `'${md5}'` : md5);

/** dvc.yaml. Outputs stay where they are, without a copy in DVC's cache, unless somebody asks DVC for one. */
export function dvcPipeline(stages: ReadonlyMap<string, PlannedStage>): string {
  const entries = [...stages].map(([name, { cmd, deps, params, outs, metrics }]) => {
    const uncached = (path: string): string => `    - ${yamlText(path)}:\n        cache: false\n`;
    const list = (title: string, items: readonly string[]): string =>
      items.length === 0 ? '' : `    ${title}:\n${items.join('')}`;
    return [
      `  ${name}:\n    cmd: ${yamlText(cmd)}\n`,
      list('deps', deps.map((path) => `    - ${yamlText(path)}\n`)),
      list('params', [`    - ${yamlText(params.file)}:\n${Object.keys(params.values).map((key) => `      - ${yamlText(key)}\n`).join('')}`]),
      list('outs', outs.filter((path) => !metrics.includes(path)).map(uncached)),
      list('metrics', metrics.map(uncached)),
    ].join(''); // prettier-ignore
  });
  return `stages:\n${entries.join('')}`;
}

/**
 * dvc.lock: what each stage read and made when it last ran, and `others` as they were read from it. JSON is YAML, so
 * values are written as JSON.
 */
export function dvcLock(
  stages: ReadonlyMap<string, LockedStage>,
  others: ReadonlyMap<string, unknown> = new Map(),
): string {
  const files = (title: string, list: readonly VersionedFile[]): string =>
    list.length === 0
      ? ''
      : `    ${title}:\n${[...list]
          .sort((a, b) => (a.path < b.path ? -1 : 1))
          .map(({ path, md5, bytes }) => `    - path: ${yamlText(path)}\n      hash: md5\n      md5: ${yamlMd5(md5)}\n      size: ${bytes}\n`)
          .join('')}`; // prettier-ignore
  const entries = [...stages].map(([name, { cmd, deps, params, outs }]) => {
    const values = Object.entries(params.values).map(([key, value]) => `        ${yamlText(key)}: ${JSON.stringify(value)}\n`);
    const settings = `    params:\n      ${yamlText(params.file)}:\n${values.join('')}`;
    return `  ${name}:\n    cmd: ${yamlText(cmd)}\n${files('deps', deps)}${settings}${files('outs', outs)}`;
  }); // prettier-ignore
  const kept = [...others].map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
  return `schema: '2.0'\nstages:\n${[...entries, ...kept].join('')}`;
}
