/** Lists of entities that are always let through or always stopped. */
import { ENTITY_KINDS, entityId, type EntityKind } from '../domain/entity.ts';
import { formatRfc3339 } from '../domain/time.ts';
import { type Transaction } from '../domain/transaction.ts';
import { readChoice, readFields, readList, readText, readTime, refuseRepeats } from './read.ts';

export interface ListEntry {
  readonly kind: EntityKind;
  readonly id: string;
  readonly reason: string;
  /** From then on the entry is without effect; absent for ever. Epoch milliseconds. */
  readonly expiresMs?: number;
}

export interface Lists {
  readonly allow: readonly ListEntry[];
  readonly block: readonly ListEntry[];
}

/** Throws POLICY_INVALID. */
export function readLists(value: unknown, place: string): Lists {
  const fields = readFields(value, place, ['allow', 'block']);
  const entries = (name: 'allow' | 'block'): readonly ListEntry[] => {
    const list = readList(fields[name], `${place}.${name}`, readEntry);
    refuseRepeats(list, `${place}.${name}`, ({ kind, id }) => `${kind} ${id}`);
    return list;
  };
  return { allow: entries('allow'), block: entries('block') };
}

function readEntry(value: unknown, place: string): ListEntry {
  const fields = readFields(value, place, ['kind', 'id', 'reason', 'expires']);
  return {
    kind: readChoice(fields.kind, `${place}.kind`, ENTITY_KINDS),
    id: readText(fields.id, `${place}.id`),
    reason: readText(fields.reason, `${place}.reason`),
    ...(fields.expires === undefined ? {} : { expiresMs: readTime(fields.expires, `${place}.expires`) }),
  };
}

/** What `readLists` reads back as the same lists. */
export function listsDocument(lists: Lists): Readonly<Record<string, unknown>> {
  const entries = (list: readonly ListEntry[]): unknown =>
    list.map(({ kind, id, reason, expiresMs }) => ({
      kind,
      id,
      reason,
      ...(expiresMs === undefined ? {} : { expires: formatRfc3339(expiresMs) }),
    }));
  return { allow: entries(lists.allow), block: entries(lists.block) };
}

/** Returns the kind of entity under which a payment stands on the list at `arrivalMs`; undefined when it does not. */
export type ListMatcher = (transaction: Transaction, arrivalMs: number) => EntityKind | undefined;

/** One look-up for each kind of entity the list names; nothing for an empty list. */
export function createListMatcher(entries: readonly ListEntry[]): ListMatcher {
  const byKind = ENTITY_KINDS.flatMap((kind) => {
    const ofKind = entries.filter((entry) => entry.kind === kind);
    return ofKind.length === 0
      ? []
      : [{ kind, expiresMs: new Map(ofKind.map((entry) => [entry.id, entry.expiresMs ?? Infinity])) }];
  });
  return (transaction, arrivalMs) => {
    for (const { kind, expiresMs } of byKind) {
      const id = entityId(transaction, kind);
      if (id !== undefined && arrivalMs < (expiresMs.get(id) ?? -Infinity)) return kind;
    }
    return undefined;
  };
}
