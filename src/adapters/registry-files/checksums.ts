/** The manifest of an artifact's files: what each must weigh and hash to. */
import { createHash } from 'node:crypto';
import { SentinelError } from '../../domain/errors.ts';

export const MANIFEST_FILE = 'manifest.json';
const MANIFEST_FORMAT = 1;

export interface ManifestEntry {
  readonly name: string;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

export interface Manifest {
  readonly format: number;
  readonly version: string;
  readonly createdMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly files: readonly ManifestEntry[];
  /** SHA-256 of all the above, so that damage to the manifest itself shows. */
  readonly sha256: string;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The manifest's bytes for these files. */
export function encodeManifest(
  version: string,
  createdMs: number,
  files: ReadonlyMap<string, Uint8Array>,
  metrics: Readonly<Record<string, number>>,
): Uint8Array {
  const body = {
    format: MANIFEST_FORMAT,
    version,
    createdMs,
    metrics,
    files: [...files].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) })),
  };
  return new TextEncoder().encode(`${JSON.stringify({ ...body, sha256: sha256(JSON.stringify(body)) }, null, 2)}\n`);
}

/** Reads a manifest; ARTIFACT_INVALID naming `path` when it is damaged or speaks of another version. */
export function decodeManifest(bytes: Uint8Array, version: string, path: string): Manifest {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new SentinelError('ARTIFACT_INVALID', { path, problem }, cause);
  };
  let manifest: Manifest;
  try {
    manifest = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Manifest; // its checksum vouches for its shape
  } catch (error) {
    return refuse('not readable as JSON', error);
  }
  const { sha256: stated, ...body } = manifest;
  if (stated !== sha256(JSON.stringify(body))) refuse('its checksum does not fit its content');
  if (manifest.format !== MANIFEST_FORMAT) refuse(`format ${manifest.format}, expected ${MANIFEST_FORMAT}`);
  if (manifest.version !== version) refuse(`speaks of version ${manifest.version}`);
  return manifest;
}

/** ARTIFACT_INVALID naming `path` unless `bytes` are what the manifest says. */
export function verifyFile(entry: ManifestEntry, bytes: Uint8Array, path: string): void {
  const refuse = (problem: string): never => {
    throw new SentinelError('ARTIFACT_INVALID', { path, problem });
  };
  if (bytes.length !== entry.bytes) refuse(`${bytes.length} bytes instead of ${entry.bytes}`);
  const found = sha256(bytes);
  if (found !== entry.sha256) refuse(`SHA-256 ${found} instead of ${entry.sha256}`);
}
