/** One profile as bytes that another engine takes over as it lies here, room and all, so that both go on alike. */
import { labelWords, placeLabels, releaseLabels } from './label-history.ts';
import * as profile from './profile.ts';
import { type Profiles } from './profiles.ts';

/**
 * In words of 4 bytes, little-endian: the header behind the key, its field `label history` 1 when labels follow and
 * else 0 · the entries in use · the block of labels.
 */
const KEY_INTS = 4;
const HEADER_INTS = profile.HEADER_WORDS * 2 - KEY_INTS;
const ROOM = profile.ROOM - KEY_INTS;
const LABELS = profile.LABELS - KEY_INTS;
const START = profile.START - KEY_INTS;
const COUNT = profile.COUNT - KEY_INTS;

/** The profile at `address`, which is not 0. */
export function profileImage({ slab }: Profiles, address: number): Uint8Array<ArrayBuffer> {
  const ints = slab.ints(address);
  const head = slab.offset(address) * 2;
  const entryInts = profile.entryWordsOf(ints[head + profile.ROOM]!) * 2;
  const labels = ints[head + profile.LABELS]!;
  const history = labels === 0 ? undefined : labelWords(slab, labels);
  const entries = ints[head + profile.COUNT]! * entryInts;
  const words = new Uint32Array(HEADER_INTS + entries + (history?.length ?? 0));
  words.set(ints.subarray(head + KEY_INTS, head + KEY_INTS + HEADER_INTS));
  words[LABELS] = history === undefined ? 0 : 1;
  const from = head + profile.HEADER_WORDS * 2 + ints[head + profile.START]! * entryInts;
  words.set(ints.subarray(from, from + entries), HEADER_INTS);
  if (history !== undefined) words.set(history, HEADER_INTS + entries);
  return new Uint8Array(words.buffer);
}

/** Puts the profile under `key`, in place of the one there, if any. Throws when the bytes are no profile’s. */
export function placeProfile({ slab, index }: Profiles, key: Uint32Array, image: Uint8Array): void {
  const words = new Uint32Array(image.length >> 2);
  new Uint8Array(words.buffer).set(image.subarray(0, words.byteLength));
  const room = words[ROOM] ?? 0;
  const entryInts = profile.entryWordsOf(room) * 2;
  const entries = (words[COUNT] ?? 0) * entryInts;
  if (entryInts === 0 || HEADER_INTS + entries > words.length) throw new RangeError('invalid profile: cut short');
  const before = index.find(key);
  const address = slab.allocate(blockWords(room));
  const ints = slab.ints(address);
  const head = slab.offset(address) * 2;
  ints.set(key, head);
  ints.set(words.subarray(0, HEADER_INTS), head + KEY_INTS);
  ints.set(words.subarray(HEADER_INTS, HEADER_INTS + entries), head + profile.HEADER_WORDS * 2 + words[START]! * entryInts); // prettier-ignore
  if (words[LABELS] !== 0) {
    const labels = placeLabels(slab, words.subarray(HEADER_INTS + entries));
    slab.ints(address)[head + profile.LABELS] = labels;
  }
  if (before === 0) {
    index.add(key, address);
    return;
  }
  index.move(key, before, address);
  const old = slab.ints(before);
  const at = slab.offset(before) * 2;
  if (old[at + profile.LABELS] !== 0) releaseLabels(slab, old[at + profile.LABELS]!);
  slab.release(before, blockWords(old[at + profile.ROOM]!));
}

const blockWords = (room: number): number =>
  profile.HEADER_WORDS + profile.capacityOf(room) * profile.entryWordsOf(room);

/** The addresses of all profiles, each with its key. */
export function* everyProfile({ slab, index }: Profiles): Generator<{ key: Uint32Array; address: number }, void> {
  for (let table = 0; table < index.tableCount; table++) {
    for (let slot = 0; ; slot++) {
      const address = index.at(table, slot);
      if (address === undefined) break;
      if (address === 0) continue;
      const at = slab.offset(address) * 2;
      yield { key: slab.ints(address).slice(at, at + KEY_INTS), address };
    }
  }
}
