/** What Redis keeps of everybody is what a clean replay of the journal makes of them. */
import { ENTITY_KINDS, entityId, type EntityKind } from '../../../src/domain/entity.ts';
import { NOTHING_KNOWN } from '../../../src/features/entity-history.ts';
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

/** Every byte of each profile is compared, once the events behind its image are folded into it. */
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
    if (kept === undefined || !Buffer.from(kept).equals(image)) tally.differs(`${kind} ${id}`);
  }
  for (const name of left) {
    const { kind, id } = entities.get(name) ?? { kind: 'key', id: name };
    tally.differs(`${kind} ${id} has a history and no profile`);
  }
  return tally.finding();
}
