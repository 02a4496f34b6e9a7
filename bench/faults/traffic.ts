/** What is sent while things break: simulated payments and labels, both ways, some twice, some late, some out of order. */
import { LABEL_SOURCES } from '../../src/domain/label.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { simulationOf } from '../../src/simulation/scale.ts';
import { createSimulation } from '../../src/simulation/simulation.ts';
import { createRandom, type Random } from '../../src/stats/random.ts';
import { requestText } from '../../src/wire/request-text.ts';

export type Way = 'http' | 'topic';

/** One thing to be sent once. */
export interface Errand {
  /** Since the beginning, milliseconds. */
  readonly dueMs: number;
  readonly way: Way;
  readonly to: 'transactions' | 'labels';
  readonly key: string;
  /** JSON. */
  readonly body: string;
}

export interface TrafficOptions {
  readonly seed: number;
  readonly perSecond: number;
  /** The time of day at the beginning, epoch milliseconds. */
  readonly beginMs: number;
}

/** Few, so that most payments meet histories that others are changing. */
const USERS = 400;
const MERCHANTS = 60;
const STREAM = { choices: 1 } as const;

const SHARE = {
  /** Of payments: asked for again at once; again after a while; held back behind later ones; labelled. */
  atOnce: 0.06,
  afterAWhile: 0.03,
  heldBack: 0.05,
  labelled: 0.12,
  /** Of payments that come by the topic: without an id of their own. */
  nameless: 0.02,
  /** Of payments: with a time of their own; of those: hours old; older than any payment is taken at its time. */
  dated: 0.4,
  hoursOld: 0.1,
  tooOld: 0.02,
  /** Of labels: before their payment; sent twice; contradicted by another. */
  early: 0.25,
  twice: 0.15,
  contradicted: 0.2,
} as const;

const AT_ONCE_MS = 30;
const A_WHILE_MS = 2 * MINUTE_MS;
const HELD_BACK_MS = 3 * SECOND_MS;
const EARLY_MS = 2 * SECOND_MS;
const LABEL_DELAY_MS = 40 * SECOND_MS;
const FRESH_MS = 10 * MINUTE_MS;
const HOURS_MS = 20 * HOUR_MS;
const TOO_OLD_MS = 30 * HOUR_MS;

/** Errands without end, those of one payment together; order them by when they are due. Labels name themselves by their campaign. */
export function* trafficOf(options: TrafficOptions): Generator<readonly Errand[], void, void> {
  const random = createRandom(options.seed).fork(STREAM.choices);
  const payments = createSimulation(
    simulationOf({ seed: options.seed, users: USERS, merchants: MERCHANTS, transactions: Infinity }),
  );
  let number = 0;
  for (const { transaction } of payments) {
    number += 1;
    const dueMs = ((number - 1) / options.perSecond) * SECOND_MS;
    const transactionId = `f${options.seed}-${number}`;
    const dated = chance(random, SHARE.dated);
    const eventTimeMs = options.beginMs + dueMs - (dated ? ageOf(random) : 0);
    const text = requestText({ ...transaction, transactionId, eventTimeMs }, { dated });
    yield errandsOf(random, { dueMs, transactionId, userId: transaction.userId, text });
  }
}

const chance = (random: Random, share: number): boolean => random.next() < share;
const pickWay = (random: Random): Way => (chance(random, 0.5) ? 'http' : 'topic');

function ageOf(random: Random): number {
  if (chance(random, SHARE.tooOld)) return TOO_OLD_MS;
  return Math.floor(random.next() * (chance(random, SHARE.hoursOld) ? HOURS_MS : FRESH_MS));
}

interface Payment {
  readonly dueMs: number;
  readonly transactionId: string;
  readonly userId: string;
  readonly text: string;
}

function errandsOf(random: Random, { dueMs, transactionId, userId, text }: Payment): Errand[] {
  const way = pickWay(random);
  const nameless = way === 'topic' && chance(random, SHARE.nameless);
  const body = nameless ? text.replace(`"transaction_id":"${transactionId}",`, '') : text;
  const first = dueMs + (chance(random, SHARE.heldBack) ? random.next() * HELD_BACK_MS : 0);
  const payment = (at: number, by: Way): Errand => ({ dueMs: at, way: by, to: 'transactions', key: userId, body });
  const errands = [payment(first, way)];
  if (nameless) return errands;
  if (chance(random, SHARE.atOnce)) errands.push(payment(first + random.next() * AT_ONCE_MS, pickWay(random)));
  if (chance(random, SHARE.afterAWhile)) errands.push(payment(first + random.next() * A_WHILE_MS, pickWay(random)));
  if (chance(random, SHARE.labelled)) {
    const isFraud = chance(random, 0.5);
    errands.push(...labelsOf(random, first, transactionId, isFraud, 1));
    if (chance(random, SHARE.contradicted)) errands.push(...labelsOf(random, first, transactionId, !isFraud, 2));
  }
  return errands;
}

function labelsOf(random: Random, paidMs: number, transactionId: string, isFraud: boolean, nth: number): Errand[] {
  const source = LABEL_SOURCES[random.integer(LABEL_SOURCES.length)]!;
  const campaign = `${transactionId}/${nth}`;
  const body = JSON.stringify({ transaction_id: transactionId, is_fraud: isFraud, source, campaign });
  const label = (dueMs: number): Errand => ({ dueMs, way: pickWay(random), to: 'labels', key: transactionId, body });
  const isEarly = chance(random, SHARE.early);
  const first = Math.max(0, isEarly ? paidMs - random.next() * EARLY_MS : paidMs + random.next() * LABEL_DELAY_MS);
  return chance(random, SHARE.twice) ? [label(first), label(first + random.next() * LABEL_DELAY_MS)] : [label(first)];
}
