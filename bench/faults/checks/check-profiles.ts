/** What Redis keeps of everybody is what a clean replay of the journal makes of them. */
import { ENTITY_KINDS, entityId, type EntityKind } from '../../../src/domain/entity.ts';
import { NOTHING_KNOWN } from '../../../src/features/entity-history.ts';
import * as profile from '../../../src/features/profile.ts';
import { createReplica, entityKey } from '../../../src/features/replica.ts';
import { type FeatureSettings } from '../../../src/features/settings.ts';
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { type Fold } from '../../../src/usecases/fold.ts';
import { createTally, type Finding } from './finding.ts';

interface Named {
  readonly kind: EntityKind;
  readonly id: string;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Who is behind the keys of histories. */
function entitiesOf(decisions: readonly DecisionRecord[]): ReadonlyMap<string, Named> {
  const entities = new Map<string, Named>();
  for (const { transaction } of decisions) {
    for (const kind of ENTITY_KINDS) {
      const id = entityId(transaction, kind);
      if (id !== undefined) entities.set(hex(entityKey(kind, id)), { kind, id });
    }
  }
  return entities;
}

const NO_EVENT = new Uint8Array();
/** Of an image: the header follows the key, which is left out; see profile-image.ts. */
const KEY_INTS = 4;
const HEADER_INTS = profile.HEADER_WORDS * 2 - KEY_INTS;

/**
 * The image with entries of the same millisecond sharing their count of payments that silence may turn genuine. A shared
 * store learns that a payment was blocked after it was added, and withdraws it from the first entry of its time; no window
 * begins or ends between entries of one time, so nobody can read the difference.
 */
export function readableImage(image: Uint8Array): Buffer {
  const bytes = Buffer.from(image);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = (field: number): number => view.getUint32((field - KEY_INTS) * 4, true);
  const entryBytes = profile.entryWordsOf(header(profile.ROOM)) * 8;
  const entry = (index: number): number => HEADER_INTS * 4 + index * entryBytes;
  const eligibleAt = (index: number): number => entry(index) + profile.ENTRY_ELIGIBLE * 4;
  for (let index = header(profile.COUNT) - 2; index >= 0; index--) {
    if (view.getFloat64(entry(index), true) !== view.getFloat64(entry(index + 1), true)) continue;
    view.setUint32(eligibleAt(index), view.getUint32(eligibleAt(index + 1), true), true);
  }
  return bytes;
}

/** What two images differ in, in words of 4 bytes. */
function differenceOf(kept: Buffer, wanted: Buffer): string | undefined {
  if (kept.equals(wanted)) return undefined;
  let at = 0;
  while (at < Math.min(kept.length, wanted.length) && kept.readUInt32LE(at) === wanted.readUInt32LE(at)) at += 4;
  return `from word ${at / 4} on, of ${kept.length / 4} and ${wanted.length / 4}`;
}

/** Every byte of each profile that can be read is compared, once the events behind its image are folded into it. */
export function checkProfiles(
  histories: ReadonlyMap<string, Uint8Array>,
  fold: Fold,
  settings: FeatureSettings,
  decisions: readonly DecisionRecord[],
): Finding {
  const tally = createTally('profiles on Redis against a replay by seq');
  const entities = entitiesOf(decisions);
  const replica = createReplica(settings);
  const left = new Set(histories.keys());
  for (const { key, image } of fold.engine.images()) {
    tally.count(1);
    const name = hex(key);
    const { kind, id } = entities.get(name) ?? { kind: 'user', id: name };
    const history = histories.get(name);
    left.delete(name);
    if (history === undefined) {
      tally.lost(`${kind} ${id} has no history`);
      continue;
    }
    replica.catchUp([{ kind, key, knownTo: NOTHING_KNOWN, event: NO_EVENT }], [history]);
    const kept = replica.image(key);
    const difference = kept === undefined ? 'no profile' : differenceOf(readableImage(kept), readableImage(image));
    if (difference !== undefined) tally.differs(`${kind} ${id}: ${difference}`);
  }
  for (const name of left) {
    const { kind, id } = entities.get(name) ?? { kind: 'key', id: name };
    tally.differs(`${kind} ${id} has a history and no profile`);
  }
  return tally.finding();
}
