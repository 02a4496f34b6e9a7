/** The fraud campaigns: one table of how much, how long and how dense each is. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/time.ts';

export interface CampaignProfile {
  /** Share of all fraudulent payments, 0..1; the table sums to 1. */
  readonly share: number;
  /** From the first to about the last payment of one campaign, milliseconds. */
  readonly lengthMs: { readonly least: number; readonly most: number };
  /** Payments of one campaign. */
  readonly burst: { readonly least: number; readonly most: number };
  readonly summary: string;
}

export const CAMPAIGNS = {
  stolen_card: {
    share: 0.22,
    lengthMs: { least: 2 * HOUR_MS, most: 20 * HOUR_MS },
    burst: { least: 4, most: 10 },
    summary: 'a card used abroad by someone else, mostly at night: high amounts, merchants its owner never visits',
  },
  account_takeover: {
    share: 0.15,
    lengthMs: { least: 20 * MINUTE_MS, most: 5 * HOUR_MS },
    burst: { least: 3, most: 7 },
    summary: 'a stranger’s device signs in and moves large sums to new payees, at any hour, from any place',
  },
  card_testing: {
    share: 0.15,
    lengthMs: { least: 5 * MINUTE_MS, most: 40 * MINUTE_MS },
    burst: { least: 12, most: 30 },
    summary: 'rapid payments of $0.50 to $5 at subscription merchants to see which cards work',
  },
  merchant_compromise: {
    share: 0.16,
    lengthMs: { least: 7 * DAY_MS, most: 18 * DAY_MS },
    burst: { least: 30, most: 60 },
    summary: 'cards copied at one merchant’s terminal are used there day after day',
  },
  bust_out: {
    share: 0.08,
    lengthMs: { least: 1 * DAY_MS, most: 4 * DAY_MS },
    burst: { least: 10, most: 22 },
    summary: 'a long-honest customer spends far beyond their habits within days and never pays',
  },
  mule_ring: {
    share: 0.1,
    lengthMs: { least: 5 * DAY_MS, most: 15 * DAY_MS },
    burst: { least: 20, most: 45 },
    summary: 'several accounts driven from one device pass money to a few payees',
  },
  refund_abuse: {
    share: 0.07,
    lengthMs: { least: 6 * DAY_MS, most: 15 * DAY_MS },
    burst: { least: 10, most: 20 },
    summary: 'one customer claims refund after refund from the same shops',
  },
  low_value_drift: {
    share: 0.07,
    lengthMs: { least: 10 * DAY_MS, most: 25 * DAY_MS },
    burst: { least: 30, most: 60 },
    summary: 'a few stolen cards are drained by small daily payments that slowly grow',
  },
} as const satisfies Readonly<Record<string, CampaignProfile>>;

export type CampaignName = keyof typeof CAMPAIGNS;
export const CAMPAIGN_NAMES = Object.keys(CAMPAIGNS) as readonly CampaignName[];
