/** Made-up decisions by the million: the people, merchants and rhythm of the simulation, scores and vectors drawn. */
import { framesOf } from '../src/adapters/memory/journal.ts';
import { type LabelledTransaction } from '../src/domain/labelled-transaction.ts';
import { type Outcome } from '../src/domain/outcome.ts';
import {
  type CacheHitRecord,
  type DecisionRecord,
  type JournalRecord,
  type LabelRecord,
} from '../src/journal/record.ts';
import { simulationOfSize } from '../src/simulation/scale.ts';
import { createSimulation } from '../src/simulation/simulation.ts';
import { createRandom, type Random } from '../src/stats/random.ts';

/** As many features as Sentinel's own catalogue has. */
export const FEATURES = 140;
const MISSING_SHARE = 0.2;
/** Vectors are drawn once and taken in turn: what a table holds of them does not depend on their being different. */
const VECTORS = 64;
/** One request in so many is sent twice. */
const REPEATED_EVERY = 100;
/** Records between a fraud and the chargeback that names it. */
const LABEL_DELAY_RECORDS = 5_000;
/** From the payment to its arrival. */
const NETWORK_MS = 50;
const REVIEW_FROM = 0.5;
const BLOCK_FROM = 0.8;
/** Makes one genuine payment in a hundred look suspicious. */
const GENUINE_STEEPNESS = 40;

export interface Batch {
  readonly after: number;
  readonly upTo: number;
  readonly frames: Uint8Array<ArrayBuffer>;
}

function vectors(random: Random): readonly Float64Array[] {
  const one = (): number => (random.next() < MISSING_SHARE ? NaN : Math.round(random.exponential(100)) / 4);
  return Array.from({ length: VECTORS }, () => Float64Array.from({ length: FEATURES }, one));
}

const outcomeOf = (score: number): Outcome =>
  score >= BLOCK_FROM ? 'block' : score >= REVIEW_FROM ? 'review' : 'approve';

function decisionOf({ transaction, label }: LabelledTransaction, seq: number, vector: Float64Array, random: Random): DecisionRecord {
  const probability = label?.isFraud === true ? Math.sqrt(random.next()) : random.next() ** GENUINE_STEEPNESS;
  const outcome = outcomeOf(probability);
  return {
    type: 'decision',
    seq,
    arrivalMs: transaction.eventTimeMs + NETWORK_MS,
    transaction,
    amountBaseMinor: transaction.amountMinor,
    requestHash: '0123456789abcdef0123456789abcdef',
    versions: { model: 'v20260101_000000', policy: 'p1', lists: 'l1', tables: 1, catalogue: 'bench' },
    vector,
    contributions: vector,
    margin: -2,
    baseMargin: -3,
    probability,
    reasons: [3, 14, 15, 92, 65].map((feature) => ({ feature, text: 'Five payments in the last hour; usually one a day' })),
    rules: outcome === 'block' ? ['amount_over_limit'] : [],
    outcome,
    riskLevel: outcome === 'block' ? 'high' : outcome === 'review' ? 'medium' : 'low',
    late: false,
    durations: { featuresUs: 3, scoreUs: 12, totalUs: 30 + random.exponential(20) },
  };
} // prettier-ignore

/** Batches of `batch` records or a few more: so many decisions, some given twice, and a chargeback for every fraud. */
export function* madeUpBatches(decisions: number, batch: number, seed: number): Generator<Batch> {
  const random = createRandom(seed);
  const drawn = vectors(random);
  const waiting: { readonly dueSeq: number; readonly transactionId: string }[] = [];
  let records: JournalRecord[] = [];
  let seq = 0;
  let arrivalMs = 0;
  const take = (): Batch => {
    const taken = { after: seq - records.length, upTo: seq, frames: framesOf(records) };
    records = [];
    return taken;
  };
  for (const labelled of createSimulation(simulationOfSize(decisions, seed))) {
    while (waiting[0] !== undefined && waiting[0].dueSeq <= seq) {
      const { transactionId } = waiting.shift()!;
      records.push(labelOf(++seq, transactionId, arrivalMs));
    }
    const decision = decisionOf(labelled, ++seq, drawn[seq % VECTORS]!, random);
    records.push(decision);
    if (seq % REPEATED_EVERY === 0) records.push(repeatOf(++seq, decision));
    arrivalMs = decision.arrivalMs;
    if (labelled.label?.isFraud === true) {
      waiting.push({ dueSeq: seq + LABEL_DELAY_RECORDS, transactionId: decision.transaction.transactionId });
    }
    if (records.length >= batch) yield take();
  }
  if (records.length > 0) yield take();
}

function repeatOf(seq: number, { seq: decisionSeq, arrivalMs, transaction: { transactionId } }: DecisionRecord): CacheHitRecord {
  return { type: 'cache_hit', seq, arrivalMs, transactionId, decisionSeq };
} // prettier-ignore

function labelOf(seq: number, transactionId: string, arrivalMs: number): LabelRecord {
  const label = { transactionId, isFraud: true, source: 'chargeback', arrivalMs } as const;
  const payment = { seq, eventTimeMs: arrivalMs, amountBaseMinor: 0, entities: {}, merchantCategory: '', blocked: false };
  return { type: 'label', seq, arrivalMs, label, payment };
} // prettier-ignore
