/** The words simulated payments are made of. */

export const CATEGORIES = [
  'grocery',
  'gas_station',
  'restaurant',
  'online_shopping',
  'entertainment',
  'travel',
  'atm',
  'utilities',
  'healthcare',
  'subscription',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const TRANSACTION_TYPES = ['purchase', 'withdrawal', 'transfer', 'refund'] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

export const DEVICE_TYPES = ['mobile', 'desktop', 'tablet', 'pos_terminal'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export const CARD_TYPES = ['visa', 'mastercard', 'amex', 'discover'] as const;
export type CardType = (typeof CARD_TYPES)[number];

export const EMAIL_DOMAINS = ['gmail.com', 'outlook.com', 'yahoo.com', 'icloud.com', 'proton.me', 'gmx.net'] as const;

/** How people spend in a category. All figures are of this simulation, chosen to overlap as real ones do. */
export interface Spending {
  /** Share of ordinary purchases. */
  readonly share: number;
  /** Of an average person, minor units. */
  readonly medianMinor: number;
  /** Spread of the logarithm for one person. */
  readonly sigma: number;
  /** Share of payments made online. */
  readonly online: number;
}

export const SPENDING: Readonly<Record<Category, Spending>> = {
  grocery: { share: 0.22, medianMinor: 3_800, sigma: 0.55, online: 0.05 },
  gas_station: { share: 0.1, medianMinor: 4_200, sigma: 0.35, online: 0 },
  restaurant: { share: 0.17, medianMinor: 2_600, sigma: 0.5, online: 0.2 },
  online_shopping: { share: 0.2, medianMinor: 4_500, sigma: 0.75, online: 1 },
  entertainment: { share: 0.08, medianMinor: 3_000, sigma: 0.7, online: 0.5 },
  travel: { share: 0.04, medianMinor: 19_000, sigma: 0.8, online: 0.85 },
  atm: { share: 0, medianMinor: 9_000, sigma: 0.55, online: 0 },
  utilities: { share: 0.06, medianMinor: 9_000, sigma: 0.45, online: 0.8 },
  healthcare: { share: 0.04, medianMinor: 6_500, sigma: 0.75, online: 0.2 },
  subscription: { share: 0.09, medianMinor: 900, sigma: 0.6, online: 1 },
};
