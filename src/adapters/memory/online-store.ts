/** The shared store within one process: the same steps as on Redis, for tests and for trying several instances at once. */
import { type ClaimOutcome, type OnlineStore, type StoredClaim, type Unfinished } from '../../ports/online-store.ts';
import { type SharedState } from '../../ports/shared-state.ts';
import {
  addEvent,
  type AnsweredClaim,
  claimAt,
  enter,
  HISTORY_HEAD_BYTES,
  hexOf,
  type MemoryWorld,
  nextPlace,
  pieceOf,
} from './shared-world.ts';
import { createMemorySharedState } from './shared-state.ts';

/** One instance’s access to the world. */
export function createMemoryOnlineStore(world: MemoryWorld): { store: OnlineStore; state: SharedState } {
  const session = { epoch: world.epoch };
  /** Each step in a task of its own, as over a network. */
  const step = async <T>(work: () => T): Promise<T> => {
    await Promise.resolve();
    try {
      enter(world, session.epoch);
    } catch (error) {
      if (world.open) session.epoch = world.epoch;
      throw error;
    }
    return work();
  };

  const repeatOf = (transactionId: string, { place, message }: AnsweredClaim): ClaimOutcome => {
    const decisionSeq = place.seq;
    const repeat = nextPlace(world);
    world.pending.set(repeat.seq, { kind: 'repeat', repeat, decisionSeq, transactionId, arrivalMs: repeat.arrivalMs });
    const answer = world.answers.get(transactionId);
    return {
      status: 'answered',
      decisionSeq,
      repeat,
      ...(answer !== undefined && { answer }),
      ...(message !== undefined && { message }),
    };
  };
  const withSettled = (transactionId: string, claim: StoredClaim): StoredClaim => {
    const settled = world.answers.get(transactionId);
    return settled === undefined ? claim : { ...claim, settled };
  };

  const store: OnlineStore = {
    epoch: () => session.epoch,
    claim: ({ transactionId, requestHash, earliestArrivalMs, request, parts }) =>
      step((): ClaimOutcome => {
        const seen = world.claims.get(transactionId);
        if (seen !== undefined && seen.requestHash !== requestHash) return { status: 'reused' };
        if (seen?.state === 'answered') return repeatOf(transactionId, seen);
        if (seen !== undefined) return { status: 'pending', claim: withSettled(transactionId, seen.claim) };
        if (Math.max(world.arrivalMs, world.nowMs()) < earliestArrivalMs) return { status: 'early' };
        const place = nextPlace(world);
        const pieces = parts.map(({ key, knownTo }) => pieceOf(world.histories.get(hexOf(key)), knownTo));
        for (const { key, event } of parts) addEvent(world, key, place, event);
        const { tablesVersion } = world;
        const claim = { place, tablesVersion, request: request.slice(), ends: pieces.map(({ end }) => end) };
        world.claims.set(transactionId, { state: 'pending', requestHash, claim });
        world.pending.set(place.seq, { kind: 'payment', transactionId, claim, arrivalMs: place.arrivalMs });
        return { status: 'claimed', place, tablesVersion, histories: pieces.map(({ piece }) => piece) };
      }),
    settle: (transactionId, seq, answer, epoch) =>
      step(() => {
        enter(world, epoch);
        claimAt(world, transactionId, seq);
        const there = world.answers.get(transactionId);
        if (there === undefined) world.answers.set(transactionId, answer.slice());
        return there ?? answer;
      }),
    confirm: ({ transactionId, seq, epoch, answer, blocked }) =>
      step(() => {
        enter(world, epoch);
        const claim = claimAt(world, transactionId, seq);
        if (claim.state !== 'pending') return { isFirst: false, labelsWait: false };
        const { place } = claim.claim;
        world.claims.set(transactionId, { state: 'answered', requestHash: claim.requestHash, place });
        world.answers.set(transactionId, answer.slice());
        world.pending.delete(place.seq);
        for (const key of blocked?.keys ?? []) addEvent(world, key, place, blocked!.event);
        const labelsWait = world.waiting.has(transactionId);
        if (labelsWait) world.toBind.add(transactionId);
        return { isFirst: true, labelsWait };
      }),
    confirmPlaced: (seq, epoch) =>
      step(() => {
        enter(world, epoch);
        world.pending.delete(seq);
      }),
    unfinished: (ageMs, limit, skip = 0) =>
      step(() => {
        const old = [...world.pending]
          .filter(([, { arrivalMs }]) => arrivalMs <= world.nowMs() - ageMs)
          .sort(([a], [b]) => a - b)
          .map(([, { arrivalMs: _, ...rest }]): Unfinished =>
            rest.kind === 'payment' ? { ...rest, claim: withSettled(rest.transactionId, rest.claim) } : rest,
          );
        const labels = [...world.toBind].map((transactionId) => ({ kind: 'labels', transactionId }) as const);
        return [...old, ...labels].slice(skip, skip + limit);
      }),
    histories: (keys) =>
      step(() => ({
        settledBefore: Math.min(world.seq + 1, ...world.pending.keys()),
        histories: keys.map((key) => world.histories.get(hexOf(key)) ?? Buffer.alloc(0)),
      })),
    compact: (key, head) =>
      step(() => {
        const history = world.histories.get(hexOf(key));
        const offset = Buffer.from(head).readUIntLE(0, 6);
        if (history === undefined || offset <= history.readUIntLE(0, 6)) return false;
        const { piece } = pieceOf(history, offset);
        world.histories.set(hexOf(key), Buffer.concat([head, piece.subarray(HISTORY_HEAD_BYTES)]));
        return true;
      }),
  };
  return { store, state: createMemorySharedState(world, session, step) };
}
