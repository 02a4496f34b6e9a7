/** One payment in, one recorded decision out, wherever it arrives: profiles and claims are shared by all instances. */
import { SentinelError } from '../domain/errors.ts';
import { toBaseMinor } from '../domain/money.ts';
import { FUTURE_BOUND_MS, formatRfc3339 } from '../domain/time.ts';
import { type Arrival, type Transaction } from '../domain/transaction.ts';
import { AT_ARRIVAL, blockedEvent } from '../features/entity-event.ts';
import { effectiveTimeMs } from '../features/event-time.ts';
import { type EntityPart } from '../features/replica.ts';
import { type ClaimCodec } from '../journal/claim-bytes.ts';
import { type CacheHitRecord, type DecisionRecord, type MessagePlace, place } from '../journal/record.ts';
import { type Clock } from '../ports/clock.ts';
import { type ClaimOutcome, type OnlineStore, type Place, type StoredClaim } from '../ports/online-store.ts';
import { type Telemetry } from '../ports/telemetry.ts';
import { createVectorPool } from '../scoring/vector-pool.ts';
import { completeTransaction } from './complete-transaction.ts';
import { appendInEpoch, type PlacedJournal } from './placed-journal.ts';
import { type Champion, decideAgain, decideInTime, report, versionsOf } from './judge.ts';
import { type PaymentRequest, type ScoreTransaction } from './score-transaction.ts';
import { endsOf, isOvertaken, type SharedProfiles } from './shared-profiles.ts';

export interface SharedScoringDeps {
  readonly store: OnlineStore;
  readonly profiles: SharedProfiles;
  readonly journal: PlacedJournal;
  readonly codec: ClaimCodec;
  readonly champion: () => Champion;
  /** What decided under these versions; undefined when it is not to be had here. */
  readonly championOf: (versions: DecisionRecord['versions']) => Promise<Champion | undefined>;
  /** A decision that the store does not keep any more, of a payment of this user. */
  readonly findDecision: (transactionId: string, userId: string) => Promise<DecisionRecord | undefined>;
  /** Labels have waited for this decision. */
  readonly bindLabels: (decision: DecisionRecord) => Promise<void>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newId: () => string;
  /** A decision that takes longer than this before it is recorded is replaced by the policy's fallback, unless it is of a message. */
  readonly deadlineMs: number;
}

/** A payment that has its place and its decision, neither of them on record yet. */
export interface Begun {
  /** To be appended in `epoch`: the decision, or that it was asked for again. */
  readonly record: DecisionRecord | CacheHitRecord;
  readonly epoch: number;
  /** The decision was given before, or is given with the end of another message. */
  readonly isRepeat: boolean;
  decision(): Promise<DecisionRecord>;
  /**
   * To be called once the record is durable. False when the decision had been confirmed before, by whoever was asked for it
   * at the same time. Rejects NOT_READY when it does not count, because the store was restored.
   */
  confirm(): Promise<boolean>;
}

export interface SharedScoring {
  readonly score: ScoreTransaction;
  /** Decides; the caller appends the record and then confirms. A payment that came as a message belongs to that message. */
  begin(request: PaymentRequest, message?: MessagePlace): Promise<Begun>;
  /** Computes the decision of a claim that was not confirmed. */
  resume(
    transactionId: string,
    claim: StoredClaim,
    epoch: number,
  ): Promise<Begun & { readonly record: DecisionRecord }>;
  /** Records that a payment was asked for again. */
  repeated(again: Repeat, epoch: number): Promise<void>;
}

export function createSharedScoring(deps: SharedScoringDeps): SharedScoring {
  const { store, profiles, journal, codec, clock, telemetry } = deps;
  const nextVector = createVectorPool(profiles.catalogue.features.length);

  const confirm = async (decision: DecisionRecord, keys: readonly Uint8Array[], epoch: number): Promise<boolean> => {
    const { seq, transaction } = decision;
    const { transactionId } = transaction;
    const blocked = decision.outcome === 'block' && { event: blockedEvent(effectiveTimeMs(decision)), keys };
    const answer = codec.encodeRecord(decision, decision.seq);
    const { isFirst, labelsWait } = await store.confirm({
      transactionId,
      seq,
      epoch,
      answer,
      ...(blocked !== false && { blocked }),
    });
    if (labelsWait) await deps.bindLabels(decision).catch(() => undefined); // left to whoever finishes what is unfinished
    return isFirst;
  };

  const decided = (
    record: DecisionRecord,
    parts: readonly EntityPart[],
    epoch: number,
    afterwards: () => void = () => undefined,
  ) => ({
    record,
    epoch,
    isRepeat: false,
    decision: () => Promise.resolve(record),
    async confirm() {
      const isFirst = await confirm(record, parts.map(({ key }) => key), epoch); // prettier-ignore
      afterwards();
      return isFirst;
    },
  });

  const settled = async (decision: DecisionRecord, epoch: number): Promise<DecisionRecord> => {
    const mine = codec.encodeRecord(decision, decision.seq);
    const { transactionId, userId } = decision.transaction;
    const one = await store.settle(transactionId, decision.seq, mine, epoch);
    const record = one.length === 0 ? await deps.findDecision(transactionId, userId) : codec.decodeRecord(one);
    if (record?.type !== 'decision') throw new SentinelError('JOURNAL_UNAVAILABLE');
    return record;
  };

  const placed = ({ transaction, ...rest }: Arrival, { seq, arrivalMs }: Place): Arrival => {
    const timeMs = transaction.eventTimeMs === AT_ARRIVAL ? arrivalMs : transaction.eventTimeMs;
    const dated = timeMs === transaction.eventTimeMs ? transaction : completeTransaction(transaction, transaction.transactionId, timeMs); // prettier-ignore
    return { ...rest, seq, arrivalMs, transaction: dated };
  };

  const scoreNew = async (
    request: PaymentRequest,
    claimed: Extract<ClaimOutcome, { status: 'claimed' }>,
    { arrival, parts, champion, startedUs, askedUs, epoch, message }: Sent,
  ): Promise<Begun> => {
    const here = placed(arrival, claimed.place);
    const common = {
      arrival: here,
      requestHash: request.requestHash,
      versions: versionsOf(champion, claimed.tablesVersion),
      vector: nextVector(),
      message,
    };
    // Nobody waits for the answer to a message, and hundreds are begun at once: the last of them is in no way late.
    const limits = { clock, startedUs, deadlineMs: message === undefined ? deps.deadlineMs : Infinity };
    const caughtUp = profiles.catchUp(parts, claimed);
    const { tablesVersion } = claimed;
    const { read } = caughtUp ? profiles : await profiles.asOf(here, { tablesVersion, ends: endsOf(parts, claimed) });
    telemetry.retrieval(clock.monotonicUs() - askedUs);
    let decision = place<DecisionRecord>(decideInTime({ ...common, read }, champion, limits), claimed.place.seq);
    if (caughtUp) profiles.add(parts, here.arrivalMs);
    // What another instance could not compute again is agreed on before it is recorded.
    if (decision.fallbackCause !== undefined) decision = await settled(decision, epoch);
    return decided(decision, parts, epoch, () => {
      report(telemetry, decision);
      profiles.compactWhenDue(parts, claimed);
    });
  };

  const resume: SharedScoring['resume'] = async (transactionId, claim, epoch) => {
    const { transaction, requestHash, amountBaseMinor, versions, message } = codec.decodeClaim(claim.request);
    const arrival = placed({ seq: 0, arrivalMs: 0, transaction, amountBaseMinor }, claim.place);
    const pinned = { ...versions, tables: claim.tablesVersion };
    const { read, parts } = await profiles.asOf(arrival, claim);
    if (claim.settled === undefined) {
      const champion = await deps.championOf(pinned);
      if (champion === undefined) throw new SentinelError('NOT_READY', { reason: `the payment was begun under model ${versions.model}, policy ${versions.policy}` }); // prettier-ignore
      const pending = { arrival, requestHash, versions: pinned, read, vector: nextVector(), message };
      const decision = await settled(place(decideAgain(pending, champion, clock), claim.place.seq), epoch);
      return decided(decision, parts, epoch);
    }
    const record = codec.decodeRecord(claim.settled);
    if (record.type !== 'decision' || record.transaction.transactionId !== transactionId) throw new SentinelError('INTERNAL'); // prettier-ignore
    return decided(record, parts, epoch);
  };

  /** A claim that someone began: to go on with for whom it belongs to, to look at for others. */
  const goOn = async (
    transactionId: string,
    claim: StoredClaim,
    epoch: number,
    message: MessagePlace | undefined,
  ): Promise<Begun> => {
    const begun = await resume(transactionId, claim, epoch);
    const { record } = begun;
    if (isSamePlace(record.message, message)) return begun;
    // Its own message confirms it. What was settled on cannot change; a store restored meanwhile does not know it.
    const confirmAgain = async (): Promise<boolean> => {
      await settled(record, epoch);
      return false;
    };
    return { ...begun, isRepeat: true, confirm: confirmAgain };
  };

  const repeated = ({ transactionId, decisionSeq, repeat }: Repeat, epoch: number): Promise<void> =>
    appendInEpoch(deps, { type: 'cache_hit', ...repeat, transactionId, decisionSeq }, epoch);

  const again = (
    { transactionId, userId }: Transaction,
    { answer, decisionSeq, repeat, message: given }: Extract<ClaimOutcome, { status: 'answered' }>,
    epoch: number,
    message: MessagePlace | undefined,
  ): Begun => {
    telemetry.cacheHit();
    return {
      record: { type: 'cache_hit', ...repeat, transactionId, decisionSeq },
      epoch,
      // A restored store knows it as recorded; its message comes again only when its end was not.
      isRepeat: message === undefined || !isSamePlace(given, message),
      async decision() {
        const record =
          answer === undefined ? await deps.findDecision(transactionId, userId) : codec.decodeRecord(answer);
        if (record?.type !== 'decision') throw new SentinelError('JOURNAL_UNAVAILABLE');
        return record;
      },
      async confirm() {
        await store.confirmPlaced(repeat.seq, epoch);
        return false;
      },
    };
  };

  const ask = async (
    request: PaymentRequest,
    transactionId: string,
    message: MessagePlace | undefined,
  ): Promise<Begun> => {
    const startedUs = clock.monotonicUs();
    const champion = deps.champion();
    const { transaction: sent, requestHash } = request;
    const amountBaseMinor = toBaseMinor(sent.amountMinor, sent.currency, champion.policy.rates);
    if (amountBaseMinor === undefined) throw new SentinelError('UNKNOWN_CURRENCY', { currency: sent.currency });
    const transaction = completeTransaction(sent, transactionId, sent.eventTimeMs ?? AT_ARRIVAL);
    const arrival = { seq: 0, arrivalMs: 0, transaction, amountBaseMinor };
    const epoch = store.epoch();
    const parts = profiles.partsOf(arrival);
    const { tables: _, ...versions } = versionsOf(champion, 0);
    const earliestArrivalMs = sent.eventTimeMs === undefined ? 0 : sent.eventTimeMs - FUTURE_BOUND_MS;
    const claim = codec.encodeClaim({
      transaction,
      requestHash,
      amountBaseMinor,
      versions,
      ...(message !== undefined && { message }),
    });
    const askedUs = clock.monotonicUs();
    const outcome = await store.claim({ transactionId, requestHash, earliestArrivalMs, request: claim, parts });
    switch (outcome.status) {
      case 'claimed':
        return scoreNew(request, outcome, { arrival, parts, champion, startedUs, askedUs, epoch, message });
      case 'pending':
        return goOn(transactionId, outcome.claim, epoch, message);
      case 'answered':
        return again(transaction, outcome, epoch, message);
      case 'reused':
        throw new SentinelError('ID_REUSED', { id: transactionId });
      case 'early':
        throw new SentinelError('TIMESTAMP_IN_FUTURE', { timestamp: formatRfc3339(transaction.eventTimeMs) });
    }
  };

  const begin: SharedScoring['begin'] = async (request, message) => {
    const transactionId = request.transaction.transactionId ?? deps.newId();
    try {
      return await ask(request, transactionId, message);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      return ask(request, transactionId, message); // confirmed meanwhile, it is answered now
    }
  };

  return {
    begin,
    resume,
    repeated,
    /** An answer is given when journal and store both have it, so that no restoration can miss it. */
    async score(request) {
      const begun = await begin(request);
      const decision = await begun.decision();
      await journal.append(begun.record, begun.epoch);
      const isFirst = await begun.confirm();
      return { decision, cached: begun.isRepeat || !isFirst };
    },
  };
}

function isSamePlace(one: MessagePlace | undefined, other: MessagePlace | undefined): boolean {
  return one?.partition === other?.partition && one?.offset === other?.offset;
}

/** A payment asked for again, and the place of the record that says so. */
export interface Repeat {
  readonly transactionId: string;
  readonly decisionSeq: number;
  readonly repeat: Place;
}

/** A payment on its way to the store. */
interface Sent {
  readonly arrival: Arrival;
  readonly parts: readonly EntityPart[];
  readonly champion: Champion;
  readonly startedUs: number;
  /** When the store was asked. */
  readonly askedUs: number;
  readonly epoch: number;
  readonly message: MessagePlace | undefined;
}
