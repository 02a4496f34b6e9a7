/** The files of DVC (dvc.org), written as its own commands write them. Source: DVC documentation, “.dvc Files”, 3.x. */

export interface VersionedFile {
  /** As seen from the file that names it. */
  readonly path: string;
  readonly bytes: number;
  /** 32 hex digits. */
  readonly md5: string;
}

/** A plain YAML word, or one in quotes where YAML would read something else. */
export function yamlText(text: string): string {
  return /^[A-Za-z./][\w./-]*( [\w./-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}

/** What `dvc add` writes beside a file: from it `dvc pull` brings these bytes back. */
export function dvcPointer({ path, bytes, md5 }: VersionedFile): string {
  return `outs:\n- md5: ${yamlText(md5)}\n  size: ${bytes}\n  hash: md5\n  path: ${yamlText(path)}\n`;
}
