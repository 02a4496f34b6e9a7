/** A run as its file holds it: the run, who works on it, and a checksum over both. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { SentinelError } from '../../domain/errors.ts';
import { type Run } from '../../ports/tracking.ts';
import { isProcessAlive, thisProcess } from '../system/lock.ts';

const FORMAT = 1;

interface RunRecord {
  readonly format: number;
  readonly run: Run;
  /** The machine and the process of a run that has not ended. */
  readonly host: string;
  readonly process: string;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export function encodeRun(run: Run): Uint8Array {
  const body: RunRecord = { format: FORMAT, run, host: hostname(), process: thisProcess() };
  const text = JSON.stringify({ ...body, sha256: sha256(JSON.stringify(body)) }, null, 1);
  return new TextEncoder().encode(`${text}\n`);
}

/**
 * A run whose process is gone without ending it was killed, at its last sign of life as far as is known. RUN_DAMAGED
 * naming `path` when the file was changed.
 */
export function decodeRun(bytes: Uint8Array, path: string, lastSignMs: number): Run {
  const refuse = (problem: string, cause?: unknown): never => {
    throw new SentinelError('RUN_DAMAGED', { path, problem }, cause);
  };
  let record: RunRecord & { readonly sha256?: string };
  try {
    record = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as typeof record; // its checksum vouches for its shape
  } catch (error) {
    return refuse('not readable as JSON', error);
  }
  const { sha256: stated, ...body } = record;
  if (stated !== sha256(JSON.stringify(body))) refuse('its checksum does not fit its content');
  if (record.format !== FORMAT) refuse(`format ${record.format}, expected ${FORMAT}`);
  const { run, host } = record;
  const isAbandoned = run.status === 'running' && host === hostname() && !isProcessAlive(record.process);
  if (!isAbandoned) return run;
  // The time of a file is that of the last tick before; of one that a full disk kept as it was begun, before the run.
  return { ...run, status: 'killed', endedMs: Math.max(run.startedMs, lastSignMs), problem: 'its process is gone' };
}
