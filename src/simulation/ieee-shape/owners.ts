/** Who pays in a file of the IEEE-CIS shape: owners of cards, made anew from their number whenever they pay. */
import { type Random } from '../../stats/random.ts';
import { pick } from './pick.ts';

export interface Owner {
  readonly product: string;
  readonly card: readonly [card1: number, card2: number, card3: number, scheme: string, card5: number, kind: string];
  readonly region: number;
  readonly country: number;
  /** Day of the first payment with the card, counted from the file's first; may lie long before it. */
  readonly firstDay: number;
  readonly payerDomain: string;
  readonly receiverDomain: string;
  readonly meanAmount: number;
  /** Payments from this day on, for some days, are a thief's. */
  readonly stolenDay: number;
  readonly stolenDays: number;
  /** How much the owner's card is used, about 1: counts follow it. */
  readonly activity: number;
}

/** Products with their share of payments and the share of their owners robbed. Source: counts of the published file. */
const PRODUCTS = [
  { value: 'W', weight: 0.745, robbed: 0.125 },
  { value: 'C', weight: 0.116, robbed: 0.6 },
  { value: 'R', weight: 0.064, robbed: 0.18 },
  { value: 'H', weight: 0.056, robbed: 0.29 },
  { value: 'S', weight: 0.019, robbed: 0.2 },
] as const;

const SCHEMES = [
  { value: 'visa', weight: 0.65 },
  { value: 'mastercard', weight: 0.32 },
  { value: 'american express', weight: 0.015 },
  { value: 'discover', weight: 0.015 },
] as const;

const DOMAINS = [
  { value: 'gmail.com', weight: 0.46 },
  { value: 'yahoo.com', weight: 0.2 },
  { value: 'hotmail.com', weight: 0.125 },
  { value: 'anonymous.com', weight: 0.07 },
  { value: 'aol.com', weight: 0.06 },
  { value: 'comcast.net', weight: 0.02 },
  { value: 'icloud.com', weight: 0.02 },
  { value: 'outlook.com', weight: 0.02 },
  { value: 'live.com.mx', weight: 0.02 },
  { value: 'yahoo.co.uk', weight: 0.02 },
  { value: 'mail.com', weight: 0.02 },
] as const;

/** Days before the file that a card may have been used first. */
const LONGEST_PAST_DAYS = 600;
/** Days over which thefts begin, and the mean days that one goes on. */
const THEFT_DAYS = 182;
const MEAN_THEFT_DAYS = 45;
const NEVER = Infinity;

/** The owner of that number: always the same. */
export function ownerOf(source: Random, number: number): Owner {
  const random = source.fork(number);
  const { value: product, robbed } = pick(random, PRODUCTS);
  const isRobbed = random.next() < robbed;
  const isAbroad = product === 'C' || random.next() < 0.02;
  return {
    product,
    card: [
      1_000 + random.integer(17_396),
      100 + random.integer(500),
      isAbroad ? 185 : 150,
      pick(random, SCHEMES).value,
      100 + random.integer(137),
      random.next() < 0.75 ? 'debit' : 'credit',
    ],
    region: 100 + random.integer(440),
    country: isAbroad ? 60 : 87,
    firstDay: -random.integer(LONGEST_PAST_DAYS),
    payerDomain: pick(random, DOMAINS).value,
    receiverDomain: pick(random, DOMAINS).value,
    meanAmount: 15 + random.exponential(110),
    stolenDay: isRobbed ? random.integer(THEFT_DAYS) : NEVER,
    stolenDays: 1 + random.exponential(MEAN_THEFT_DAYS),
    activity: 0.2 + random.exponential(0.8),
  };
}
