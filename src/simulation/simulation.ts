/** Labelled synthetic payments without end: the same options give the same payments. */
import { type KnownLabel, type LabelledTransaction } from '../domain/labelled-transaction.ts';
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import { exp } from '../stats/elementary.ts';
import { createRandom, type Random } from '../stats/random.ts';
import { CAMPAIGN_NAMES, type CampaignName } from './campaigns.ts';
import { toTransaction, type World } from './draft.ts';
import { idPrefix } from './id-prefix.ts';
import { createMerchants } from './merchants.ts';
import { ordinaryPayment } from './ordinary.ts';
import { createPopulation, type Population } from './population.ts';
import { createCampaignSchedule } from './schedule.ts';

/** How long it takes until a fraud is reported: log-normal, cut at a maximum. */
export interface LabelDelay {
  readonly medianMs: number;
  /** Spread of the logarithm; 0 makes every delay the median. */
  readonly sigma: number;
  readonly maximumMs: number;
}

export interface SimulationOptions {
  /** Of what happens. */
  readonly seed: number;
  /** Of who there is: people, merchants, fraud’s victims to be; `seed` when absent. */
  readonly populationSeed?: number;
  /** Payments to make; Infinity goes on for ever. */
  readonly transactions: number;
  readonly users: number;
  readonly merchants: number;
  /** Event time of the beginning, epoch milliseconds. */
  readonly startMs: number;
  /** Payments a second of event time, on average over a week, fraud included. */
  readonly ratePerSecond: number;
  /** Share of fraudulent payments, 0 to less than 1. */
  readonly fraudShare: number;
  readonly labelDelay: LabelDelay;
  /** A genuine payment is known as such this long after it, milliseconds. */
  readonly silenceMs: number;
  /** A campaign kept out of the time before `untilMs`: what does a model make of what it has never seen? */
  readonly holdOut?: { readonly campaign: CampaignName; readonly untilMs: number };
}

/** Ordinary payments of a person, a day. */
export const PAYMENTS_PER_USER_DAY = 0.6;

/** 2,000 people at 1,200 payments a day: 83 days. 2025-01-01. */
export const DEFAULT_SIMULATION: SimulationOptions = {
  seed: 1,
  transactions: 100_000,
  users: 2_000,
  merchants: 600,
  startMs: 1_735_689_600_000,
  ratePerSecond: (2_000 * PAYMENTS_PER_USER_DAY) / (DAY_MS / SECOND_MS),
  fraudShare: 0.02,
  labelDelay: { medianMs: 2 * DAY_MS, sigma: 0.7, maximumMs: 30 * DAY_MS },
  silenceMs: 7 * DAY_MS,
};

/** Moments tried to learn how often a candidate really pays. */
const RATE_SAMPLES = 20_000;
const WEEK_MS = 7 * DAY_MS;
const STREAM = { rate: 1, fraud: 2, labels: 3 } as const;

/** The share of (person, moment) candidates that end in a payment. */
function measureAcceptance(population: Population, startMs: number, random: Random): number {
  let sum = 0;
  for (let sample = 0; sample < RATE_SAMPLES; sample++) {
    sum += population.eagerness(random.integer(population.size), startMs + random.next() * 4 * WEEK_MS);
  }
  return sum / RATE_SAMPLES;
}

function arrivalOf(eventTimeMs: number, delay: LabelDelay, random: Random): number {
  const delayMs = delay.medianMs * exp(delay.sigma * random.normal());
  return eventTimeMs + Math.floor(Math.min(delayMs, delay.maximumMs));
}

/** All that the payments and labels depend on; `transactions` only says how many there are. */
function contentOf(options: SimulationOptions): readonly (string | number | undefined)[] {
  const { seed, populationSeed = seed, users, merchants, startMs, ratePerSecond, fraudShare } = options;
  const { labelDelay, silenceMs, holdOut } = options;
  return [
    ...[seed, populationSeed, users, merchants, startMs, ratePerSecond, fraudShare],
    ...[labelDelay.medianMs, labelDelay.sigma, labelDelay.maximumMs, silenceMs, holdOut?.campaign, holdOut?.untilMs],
  ];
}

/** Throws RangeError that names the option. */
function requireSensible(options: SimulationOptions): void {
  const { users, merchants, ratePerSecond, fraudShare, transactions, startMs, silenceMs, labelDelay, holdOut } =
    options;
  for (const [name, value] of Object.entries({ users, merchants })) {
    if (!(Number.isInteger(value) && value > 0)) throw new RangeError(`invalid ${name}: ${value} (expected a whole number from 1)`); // prettier-ignore
  }
  if (!(ratePerSecond > 0 && ratePerSecond < Infinity)) throw new RangeError(`invalid ratePerSecond: ${ratePerSecond} (expected more than 0)`); // prettier-ignore
  if (!(fraudShare >= 0 && fraudShare < 1)) throw new RangeError(`invalid fraudShare: ${fraudShare} (expected 0 to less than 1)`); // prettier-ignore
  if (transactions !== Infinity && !(Number.isInteger(transactions) && transactions >= 0)) {
    throw new RangeError(`invalid transactions: ${transactions} (expected a whole number from 0, or Infinity)`);
  }
  if (!Number.isFinite(startMs)) throw new RangeError(`invalid startMs: ${startMs} (expected epoch milliseconds)`);
  const { medianMs, sigma, maximumMs } = labelDelay;
  for (const [name, value] of Object.entries({ silenceMs, medianMs, sigma, maximumMs })) {
    if (!(value >= 0)) throw new RangeError(`invalid ${name}: ${value} (expected a number from 0)`);
  }
  if (holdOut !== undefined && !CAMPAIGN_NAMES.includes(holdOut.campaign)) {
    throw new RangeError(`invalid holdOut: ${String(holdOut.campaign)} (expected one of ${CAMPAIGN_NAMES.join(', ')})`);
  }
}

/**
 * Payments in order of time, made as they are asked for; memory is that of the merchants and of the campaigns under
 * way. Genuine payments are labelled so after `silenceMs`, frauds when someone noticed.
 */
export function* createSimulation(options: SimulationOptions): Generator<LabelledTransaction, void, void> {
  requireSensible(options);
  const { startMs, fraudShare } = options;
  const random = createRandom(options.seed);
  const labelRandom = random.fork(STREAM.labels);
  const populationSeed = options.populationSeed ?? options.seed;
  const population = createPopulation(populationSeed, options.users);
  const world: World = { population, merchants: createMerchants(populationSeed, options.merchants) };
  const ratePerMs = options.ratePerSecond / SECOND_MS;
  const acceptance = measureAcceptance(population, startMs, random.fork(STREAM.rate));
  const candidateGapMs = acceptance / (ratePerMs * (1 - fraudShare));
  const campaigns =
    fraudShare > 0
      ? createCampaignSchedule(
          world,
          { startMs, ratePerMs: ratePerMs * fraudShare, ...(options.holdOut && { holdOut: options.holdOut }) },
          random.fork(STREAM.fraud),
        )
      : { next: () => undefined };
  const prefix = idPrefix(contentOf(options));
  let made = 0;

  const labelOf = (atMs: number, campaign: CampaignName | undefined): KnownLabel =>
    campaign === undefined
      ? { isFraud: false, arrivalMs: atMs + options.silenceMs }
      : { isFraud: true, arrivalMs: arrivalOf(atMs, options.labelDelay, labelRandom), campaign };

  let clockMs = startMs;
  for (;;) {
    clockMs += random.exponential(candidateGapMs);
    const atMs = Math.floor(clockMs);
    for (let fraud = campaigns.next(atMs); fraud !== undefined; fraud = campaigns.next(atMs)) {
      if (made >= options.transactions) return;
      const transaction = toTransaction(fraud.draft, prefix + (++made).toString(), fraud.atMs);
      yield { transaction, label: labelOf(fraud.atMs, fraud.campaign) };
    }
    const person = random.integer(population.size);
    if (random.next() >= population.eagerness(person, atMs)) continue;
    const draft = ordinaryPayment(world, person, atMs, random);
    if (draft === undefined) continue;
    if (made >= options.transactions) return;
    yield { transaction: toTransaction(draft, prefix + (++made).toString(), atMs), label: labelOf(atMs, undefined) };
  }
}

/** How long `options` make event time last, milliseconds. */
export function expectedDurationMs(options: SimulationOptions): number {
  return (options.transactions / options.ratePerSecond) * SECOND_MS;
}
