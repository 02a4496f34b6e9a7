/** Why a row of a data set is dropped or repaired. */

export const DROP_REASONS = {
  'id-missing': 'no transaction id',
  'time-missing': 'no time',
  'user-missing': 'no user',
  'merchant-missing': 'no merchant',
  'amount-missing': 'no amount',
  'amount-not-positive': 'amount of zero or less',
  'amount-too-large': 'amount beyond what the ledger holds',
  'time-impossible': 'time before 1970 or after 2099',
  'exact-duplicate': 'repeats an earlier row in every mapped column',
  'id-reused': 'repeats an earlier transaction id with other content',
} as const;
export type DropReason = keyof typeof DROP_REASONS;

export const REPAIR_REASONS = {
  unsorted: 'stood after a later payment; moved to its place in time',
  'amount-rounded': 'more decimals than the currency has; rounded',
  'category-missing': 'no merchant category; set to unknown',
  'type-missing': 'no transaction type; set to unknown',
  'completion-unmatched': 'row of a second file whose payment is not in the first; left out',
  'location-impossible': 'coordinates incomplete or off the globe; removed',
} as const;
export type RepairReason = keyof typeof REPAIR_REASONS;

/** Each reason that met any row, in words, with how many it met; in the order of the table of reasons. */
export function reasonsMet<Reason extends string>(
  counts: Readonly<Record<Reason, number>>,
  reasons: Readonly<Record<Reason, string>>,
): readonly { readonly count: number; readonly words: string }[] {
  const met = (Object.keys(reasons) as Reason[]).filter((reason) => counts[reason] > 0);
  return met.map((reason) => ({ count: counts[reason], words: reasons[reason] }));
}
