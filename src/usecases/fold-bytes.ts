/** The bytes of a fold's state, as snapshots hold them. */
import { type Label } from '../domain/label.ts';
import { type ChangeRecord } from '../journal/record.ts';

/** Everything that is not in the profiles but must survive a restart. */
export interface FoldState {
  readonly seq: number;
  readonly arrivalMs: number;
  readonly inForce: ReadonlyMap<string, Label>;
  readonly waiting: ReadonlyMap<string, readonly Label[]>;
  /** Version last put in force by subject. */
  readonly versions: ReadonlyMap<ChangeRecord['subject'], string>;
  /** Ids of training runs. */
  readonly runs: ReadonlySet<string>;
}

/** Labels written as one text: a text has an end at half a billion letters, which months of labels would reach. */
const PART_LABELS = 100_000;

/** What stands first, as JSON. */
interface Head {
  readonly seq: number;
  readonly arrivalMs: number;
  readonly waiting: readonly [string, readonly Label[]][];
  readonly versions: readonly [ChangeRecord['subject'], string][];
  /** Absent from snapshots of earlier versions, whose journals hold none. */
  readonly runs?: readonly string[];
  /** Bytes of each part of the labels in force. */
  readonly parts?: readonly number[];
  /** The labels in force, in snapshots of earlier versions. */
  readonly inForce?: readonly [string, Label][];
}

const asJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const fromJson = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

function* partsOf(labels: ReadonlyMap<string, Label>): Generator<Uint8Array, void> {
  let part: [string, Label][] = [];
  for (const entry of labels) {
    if (part.push(entry) < PART_LABELS) continue;
    yield asJson(part);
    part = [];
  }
  if (part.length > 0) yield asJson(part);
}

/** The bytes of the engine begin at a multiple of this, so that its numbers can be read in place. */
const ALIGNMENT = 8;
const SPACE = 32;

/** [u32 length of the head, head filled up with spaces, parts of the labels in force, bytes of the engine] */
export function encodeFold(state: FoldState, engineBytes: Uint8Array): Uint8Array {
  const { seq, arrivalMs, waiting, versions, runs } = state;
  const parts = [...partsOf(state.inForce)];
  const text = asJson({
    seq,
    arrivalMs,
    waiting: [...waiting],
    versions: [...versions],
    runs: [...runs],
    parts: parts.map(({ length }) => length),
  } satisfies Head);
  const before = [text, ...parts].reduce((sum, { length }) => sum + length, 4);
  const head = new Uint8Array(text.length + (Math.ceil(before / ALIGNMENT) * ALIGNMENT - before)).fill(SPACE);
  head.set(text);
  const all = [head, ...parts, engineBytes];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 4));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  let at = 4;
  for (const each of all) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

/** What `encodeFold` wrote; the snapshot's checksum has been verified. */
export function decodeFold(bytes: Uint8Array): { readonly state: FoldState; readonly engineBytes: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head = fromJson(bytes.subarray(4, 4 + length)) as Head;
  const inForce = new Map(head.inForce);
  let at = 4 + length;
  for (const size of head.parts ?? []) {
    for (const [id, label] of fromJson(bytes.subarray(at, at + size)) as [string, Label][]) inForce.set(id, label);
    at += size;
  }
  const state = {
    seq: head.seq,
    arrivalMs: head.arrivalMs,
    inForce,
    waiting: new Map(head.waiting),
    versions: new Map(head.versions),
    runs: new Set(head.runs),
  };
  return { state, engineBytes: bytes.subarray(at) };
}
