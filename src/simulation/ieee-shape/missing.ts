/** How often each column of the IEEE-CIS files is empty, by product: the pattern that a reader of them has to live with. */

/** Share of rows without a value, for product W (three in four payments) and for the others. */
export interface MissingShare {
  readonly w: number;
  readonly other: number;
}

/** Share of payments of product W. */
const W_SHARE = 0.745;

/** A share over all payments, as uneven between products as it can be: one side is always or never empty. */
function missing(overall: number, among: 'w' | 'other'): MissingShare {
  if (among === 'w') {
    const w = Math.min(1, overall / W_SHARE);
    return { w, other: (overall - w * W_SHARE) / (1 - W_SHARE) };
  }
  const other = Math.min(1, overall / (1 - W_SHARE));
  return { w: (overall - other * (1 - W_SHARE)) / W_SHARE, other };
}

const even = (share: number): MissingShare => ({ w: share, other: share });

/** Columns V that are empty together: last column of each run, and its share. Source: counts of the published file. */
export const V_BLOCKS: readonly { readonly last: number; readonly missing: MissingShare; readonly isAmount: boolean }[] = [
  { last: 11, missing: missing(0.473, 'other'), isAmount: false },
  { last: 34, missing: missing(0.129, 'other'), isAmount: false },
  { last: 52, missing: missing(0.286, 'other'), isAmount: false },
  { last: 74, missing: missing(0.131, 'other'), isAmount: false },
  { last: 94, missing: missing(0.151, 'other'), isAmount: false },
  { last: 125, missing: even(0.0005), isAmount: false },
  { last: 137, missing: even(0.0005), isAmount: true },
  { last: 158, missing: missing(0.861, 'w'), isAmount: false },
  { last: 166, missing: missing(0.861, 'w'), isAmount: true },
  { last: 201, missing: missing(0.764, 'w'), isAmount: false },
  { last: 216, missing: missing(0.763, 'w'), isAmount: true },
  { last: 262, missing: missing(0.779, 'w'), isAmount: false },
  { last: 278, missing: missing(0.761, 'w'), isAmount: true },
  { last: 305, missing: even(0.00002), isAmount: false },
  { last: 321, missing: even(0.002), isAmount: true },
  { last: 330, missing: missing(0.8605, 'w'), isAmount: false },
  { last: 339, missing: missing(0.8605, 'w'), isAmount: true },
]; // prettier-ignore

/** Columns of the first file other than V; those not named are never empty. Source: as above. */
export const MISSING: Readonly<Record<string, MissingShare>> = {
  card2: even(0.015),
  card3: even(0.0027),
  card4: even(0.0027),
  card5: even(0.0072),
  card6: even(0.0027),
  addr1: missing(0.111, 'other'),
  addr2: missing(0.111, 'other'),
  dist1: missing(0.597, 'other'),
  dist2: missing(0.936, 'w'),
  P_emaildomain: missing(0.16, 'w'),
  R_emaildomain: missing(0.768, 'w'),
  D1: even(0.0021),
  D2: even(0.475),
  D3: even(0.445),
  D4: missing(0.286, 'other'),
  D5: even(0.525),
  D6: missing(0.876, 'w'),
  D7: missing(0.934, 'w'),
  D8: missing(0.873, 'w'),
  D9: missing(0.873, 'w'),
  D10: missing(0.129, 'other'),
  D11: missing(0.473, 'other'),
  D12: missing(0.89, 'w'),
  D13: missing(0.895, 'w'),
  D14: missing(0.895, 'w'),
  D15: missing(0.151, 'other'),
  M1: missing(0.459, 'other'),
  M2: missing(0.459, 'other'),
  M3: missing(0.459, 'other'),
  M4: missing(0.477, 'w'),
  M5: even(0.593),
  M6: missing(0.287, 'other'),
  M7: missing(0.586, 'other'),
  M8: missing(0.586, 'other'),
  M9: missing(0.586, 'other'),
};

/** Share of payments of other products than W that the second file tells of; of W it tells nothing. */
export const IDENTITY_SHARE = 0.2442 / (1 - W_SHARE);

/** `id_01` to `id_38`, DeviceType, DeviceInfo: share of rows of the second file without a value. Source: as above. */
export const IDENTITY_MISSING: readonly number[] = [
  0, 0.023, 0.54, 0.54, 0.051, 0.051, 0.964, 0.964, 0.48, 0.48, 0.023, 0, 0.117, 0.445, 0.022, 0.103, 0.034, 0.687,
  0.034, 0.035, 0.964, 0.964, 0.964, 0.967, 0.964, 0.964, 0.964, 0.022, 0.022, 0.462, 0.027, 0.462, 0.492, 0.46, 0.022,
  0.022, 0.022, 0.022, 0.024, 0.177,
]; // prettier-ignore
