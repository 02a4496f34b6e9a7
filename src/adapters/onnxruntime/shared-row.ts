/** The memory through which a scoring thread and the thread of a runtime hand over a row and its score. */

export const STATE = {
  /** The runtime is to work: it has been given a row, or is still opening the graph. */
  asked: 0,
  /** The score, or the readiness, is there. */
  answered: 1,
  /** The text says why there is none. */
  failed: 2,
} as const;

/** Bytes of a reason; a longer one is cut. */
const REASON_BYTES = 1_024;

export interface SharedRow {
  readonly memory: SharedArrayBuffer;
  /** [1] one of STATE; both sides wait on it. */
  readonly state: Int32Array;
  /** [features] */
  readonly row: Float64Array;
  /** [1] */
  readonly score: Float64Array;
  writeReason(reason: string): void;
  readReason(): string;
}

/** The views of a memory for rows of `features`, newly made unless given. */
export function sharedRow(features: number, memory = new SharedArrayBuffer(memoryBytes(features))): SharedRow {
  const reason = new Uint8Array(memory, 8 * (2 + features));
  return {
    memory,
    state: new Int32Array(memory, 0, 1),
    score: new Float64Array(memory, 8, 1),
    row: new Float64Array(memory, 16, features),
    writeReason(text) {
      reason.fill(0);
      reason.set(new TextEncoder().encode(text).subarray(0, reason.length));
    },
    readReason: () => new TextDecoder().decode(reason.slice()).replace(/\0+$/, ''),
  };
}

const memoryBytes = (features: number): number => 8 * (2 + features) + REASON_BYTES;
