/** Labels, tables, versions, roles and rates of the store within one process. */
import { SECOND_MS } from '../../domain/time.ts';
import { type Placed, type Place } from '../../ports/online-store.ts';
import { type LabelChange, type LabelState, type Restoration, type SharedState } from '../../ports/shared-state.ts';
import { addEvent, hexOf, type MemoryWorld, nextPlace } from './shared-world.ts';

type Step = <T>(work: () => T) => Promise<T>;

export function createMemorySharedState(world: MemoryWorld, session: { epoch: number }, step: Step): SharedState {
  const keep = (place: Place, frame: Uint8Array): Placed => {
    const placed = { ...place, frame: frame.slice() };
    world.pending.set(place.seq, { kind: 'record', placed, arrivalMs: place.arrivalMs });
    return placed;
  };

  const toldNow = (name: string): string | undefined => {
    const told = world.told.get(name);
    return told !== undefined && told.untilMs > world.nowMs() ? told.text : undefined;
  };

  const labelsOf = (transactionId: string): LabelState => {
    const claim = world.claims.get(transactionId);
    const payment = claim?.state ?? 'unknown';
    const answer = world.answers.get(transactionId);
    const inForce = world.inForce.get(transactionId);
    return {
      payment,
      waiting: world.waiting.get(transactionId) ?? [],
      ...(claim?.state === 'answered' && { decided: claim.place }),
      ...(payment === 'answered' && answer !== undefined && { answer }),
      ...(inForce !== undefined && { inForce }),
    };
  };

  const placeLabel = (change: LabelChange): Placed | 'on record' | undefined => {
    const { transactionId, given, added, message } = change;
    const before = message === undefined ? undefined : world.fromMessages.get(message);
    if (before !== undefined) return before;
    const now = labelsOf(transactionId);
    const same = (a: Placed | undefined, b: Placed | undefined): boolean => a?.seq === b?.seq;
    const unchanged =
      now.payment === given.payment &&
      same(now.inForce, given.inForce) &&
      now.waiting.length === given.waiting.length &&
      now.waiting.every((placed, i) => same(placed, given.waiting[i]));
    if (!unchanged) return undefined;
    const place = nextPlace(world);
    const placed = keep(place, change.frame);
    if (message !== undefined) world.fromMessages.set(message, placed);
    if (change.becomes === 'in force') world.inForce.set(transactionId, placed);
    const left = [...change.left, ...(change.becomes === 'waiting' ? [placed] : [])];
    if (left.length > 0) world.waiting.set(transactionId, left);
    else {
      world.waiting.delete(transactionId);
      world.toBind.delete(transactionId);
    }
    for (const key of added?.keys ?? []) {
      if (world.histories.has(hexOf(key))) addEvent(world, key, place, added!.event);
    }
    return placed;
  };

  return {
    labels: (transactionId) => step(() => labelsOf(transactionId)),
    placeLabel: (change) => step(() => placeLabel(change)),
    waitingSince: (arrivalMs, limit) =>
      step(() =>
        [...world.waiting]
          .filter(([, [first]]) => first!.arrivalMs <= arrivalMs)
          .sort(([, [a]], [, [b]]) => a!.arrivalMs - b!.arrivalMs)
          .slice(0, limit)
          .map(([transactionId]) => transactionId),
      ),
    place: ({ frame, tables, inForce }) =>
      step(() => {
        if (tables !== undefined && tables !== world.tablesVersion + 1) return undefined;
        if (inForce !== undefined && world.versions.get(inForce.subject) !== inForce.before) return undefined;
        const place = nextPlace(world);
        const placed = keep(place, frame);
        if (tables !== undefined) world.tables.set((world.tablesVersion = tables), placed);
        if (inForce !== undefined) world.versions.set(inForce.subject, inForce.version);
        return place;
      }),
    tables: (version) => step(() => world.tables.get(version)),
    tablesVersion: () => step(() => world.tablesVersion),
    inForce: (subject) => step(() => world.versions.get(subject)),
    lead(role, owner, forMs) {
      const now = world.leaders.get(role);
      const held = now !== undefined && now.untilMs > world.nowMs();
      if (held && now.owner !== owner) return Promise.resolve(undefined);
      const number = held ? now.number : (now?.number ?? 0) + 1;
      world.leaders.set(role, { owner, number, untilMs: world.nowMs() + forMs });
      return Promise.resolve(number);
    },
    takeTokens(name, perSecond, calls) {
      const nowMs = world.nowMs();
      const bucket = world.buckets.get(name) ?? { tokens: perSecond, filledMs: nowMs };
      const tokens = Math.min(perSecond, bucket.tokens + ((nowMs - bucket.filledMs) / SECOND_MS) * perSecond);
      const enough = tokens >= 1;
      world.buckets.set(name, { tokens: enough ? tokens - calls : tokens, filledMs: nowMs });
      return Promise.resolve(enough);
    },
    tell(name, text, forMs = Infinity) {
      world.told.set(name, { text, untilMs: world.nowMs() + forMs });
      return Promise.resolve();
    },
    told: (name) => Promise.resolve(toldNow(name)),
    agree(name, text) {
      const there = toldNow(name) ?? text;
      world.told.set(name, { text: there, untilMs: Infinity });
      return Promise.resolve(there);
    },
    attend(owner, version, forMs) {
      const nowMs = world.nowMs();
      const others = [...world.present.values()].filter(({ untilMs }) => untilMs > nowMs);
      if (others.some((other) => other.version !== version)) return Promise.resolve(false);
      world.present.set(owner, { version, untilMs: nowMs + forMs });
      return Promise.resolve(true);
    },
    leave(owner) {
      world.present.delete(owner);
      return Promise.resolve();
    },
    status() {
      if (world.open) session.epoch = world.epoch;
      return Promise.resolve(world.open ? 'open' : 'restoring');
    },
    restore: (above = 0) => Promise.resolve(beginRestoration(world, session, above)),
  };
}

function beginRestoration(world: MemoryWorld, session: { epoch: number }, above: number): Restoration {
  const { histories, claims, answers, inForce, waiting, tables, versions, pending, toBind } = world;
  world.open = false;
  const epoch = (world.epoch = Math.max(world.epoch, above) + 1);
  const all = [histories, claims, answers, inForce, waiting, world.fromMessages, tables, versions, pending, toBind];
  for (const part of all) part.clear();
  /** What a restoration does that another has overtaken goes nowhere. */
  const write = (work: () => void): Promise<void> => {
    if (world.epoch === epoch) work();
    return Promise.resolve();
  };
  return {
    epoch,
    histories: (all) =>
      write(() => {
        for (const { key, history } of all) histories.set(hexOf(key), Buffer.from(history));
      }),
    answered: (decisions) =>
      write(() => {
        for (const { transactionId, ...rest } of decisions) {
          claims.set(transactionId, { ...rest, state: 'answered' });
        }
      }),
    labels: (labels) =>
      write(() => {
        for (const { transactionId, inForce: label, waiting: those } of labels) {
          if (label !== undefined) inForce.set(transactionId, label);
          if (those.length === 0) continue;
          waiting.set(transactionId, those);
          if (claims.get(transactionId)?.state === 'answered') toBind.add(transactionId);
        }
      }),
    messages: (messages) =>
      write(() => {
        for (const { message } of messages) world.fromMessages.set(message, 'on record');
      }),
    tables: (version, record) => write(() => void tables.set(version, record)),
    inForce: (subject, version) => write(() => void versions.set(subject, version)),
    open({ seq, arrivalMs }, tablesVersion) {
      if (world.epoch !== epoch) return Promise.resolve(false);
      Object.assign(world, { open: true, seq, arrivalMs, tablesVersion });
      session.epoch = epoch;
      return Promise.resolve(true);
    },
  };
}
