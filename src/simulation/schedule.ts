/** Starts fraud campaigns so that each keeps its share, and gives out their payments in order of time. */
import { type Random } from '../stats/random.ts';
import { accountTakeover, bustOut, muleRing, refundAbuse } from './account-campaigns.ts';
import { CAMPAIGN_NAMES, CAMPAIGNS, type CampaignName } from './campaigns.ts';
import { cardTesting, lowValueDrift, merchantCompromise, stolenCard } from './card-campaigns.ts';
import { type Draft, type World } from './draft.ts';
import { type Plan, type PlannedPayments } from './plan.ts';

const PLANS: Readonly<Record<CampaignName, Plan>> = {
  stolen_card: stolenCard,
  account_takeover: accountTakeover,
  card_testing: cardTesting,
  merchant_compromise: merchantCompromise,
  bust_out: bustOut,
  mule_ring: muleRing,
  refund_abuse: refundAbuse,
  low_value_drift: lowValueDrift,
};

export interface FraudulentPayment {
  readonly atMs: number;
  readonly draft: Draft;
  readonly campaign: CampaignName;
}

export interface ScheduleOptions {
  readonly startMs: number;
  /** Fraudulent payments of all campaigns, a millisecond. */
  readonly ratePerMs: number;
  /** This campaign does not start before then. */
  readonly holdOut?: { readonly campaign: CampaignName; readonly untilMs: number };
}

export interface CampaignSchedule {
  /** The earliest payment not later than `untilMs`; undefined when there is none. `untilMs` must not fall. */
  next(untilMs: number): FraudulentPayment | undefined;
}

interface Running {
  readonly campaign: CampaignName;
  readonly order: number;
  readonly payments: PlannedPayments;
  position: number;
}

const dueMs = (running: Running): number => running.payments.timesMs[running.position]!;

function isBefore(a: Running, b: Running): boolean {
  const difference = dueMs(a) - dueMs(b);
  return difference < 0 || (difference === 0 && a.order < b.order);
}

/** Moves the element at the top down to its place. */
function siftDown(heap: Running[]): void {
  const moved = heap[0]!;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, moved)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = moved;
}

function siftUp(heap: Running[]): void {
  let place = heap.length - 1;
  const moved = heap[place]!;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isBefore(moved, heap[parent]!)) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = moved;
}

const between = (range: { readonly least: number; readonly most: number }, random: Random): number =>
  range.least + (range.most - range.least) * random.next();

/**
 * After a campaign of n payments the next of its kind starts n / rate later (times 0.5 to 1.5), so shares hold over
 * time whatever the sizes. At the start, campaigns that began before are already under way.
 */
export function createCampaignSchedule(world: World, options: ScheduleOptions, random: Random): CampaignSchedule {
  const heap: Running[] = [];
  let started = 0;

  const kinds = CAMPAIGN_NAMES.map((campaign) => {
    const { share, lengthMs, burst } = CAMPAIGNS[campaign];
    const meanGapMs = (burst.least + burst.most) / 2 / (options.ratePerMs * share);
    const nextMs = options.startMs - lengthMs.most - random.next() * meanGapMs;
    return { campaign, ratePerMs: options.ratePerMs * share, nextMs };
  });

  function start(kind: (typeof kinds)[number]): void {
    const { campaign, nextMs: startMs } = kind;
    const { lengthMs, burst } = CAMPAIGNS[campaign];
    const order = started++;
    const own = random.fork(order);
    const size = Math.round(between(burst, own));
    kind.nextMs += (size / kind.ratePerMs) * (0.5 + own.next());
    const held = options.holdOut?.campaign === campaign && startMs < options.holdOut.untilMs;
    if (held) return;
    const payments = PLANS[campaign](world, own, { startMs, lengthMs: between(lengthMs, own), size });
    const position = payments.timesMs.findIndex((atMs) => atMs >= options.startMs);
    if (position < 0) return;
    heap.push({ campaign, order, payments, position });
    siftUp(heap);
  }

  return {
    next(untilMs) {
      for (const kind of kinds) while (kind.nextMs <= untilMs) start(kind);
      const first = heap[0];
      if (first === undefined || dueMs(first) > untilMs) return undefined;
      const atMs = first.payments.timesMs[first.position++]!;
      const draft = first.payments.draftAt(atMs);
      if (first.position === first.payments.timesMs.length) {
        const last = heap.pop()!;
        if (last !== first) heap[0] = last;
      }
      if (heap.length > 0) siftDown(heap);
      return { atMs, draft, campaign: first.campaign };
    },
  };
}
