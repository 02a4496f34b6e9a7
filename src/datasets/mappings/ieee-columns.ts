/** The columns of the IEEE-CIS files, in their order. */
import { type MappedColumn } from '../mapping.ts';

const numbered = (prefix: string, last: number): readonly string[] =>
  Array.from({ length: last }, (_, i) => `${prefix}${i + 1}`);

export const COUNTS = numbered('C', 14);
export const DAY_COUNTS = numbered('D', 15);
export const MATCHES = numbered('M', 9);
export const VESTA = numbered('V', 339);
/** `id_01` to `id_38`. */
export const IDENTITY = numbered('id_', 38).map((name) => name.replace(/_(\d)$/, '_0$1'));
const IDENTITY_TEXTS: ReadonlySet<string> = new Set(
  [12, 15, 16, 23, 27, 28, 29, 30, 31, 33, 34, 35, 36, 37, 38].map((number) => `id_${number}`),
);

const number = (name: string): MappedColumn => ({ name, type: 'number', optional: true });
const text = (name: string): MappedColumn => ({ name, type: 'text', optional: true });

/** train_transaction.csv: 394 columns. */
export const TRANSACTION_COLUMNS: readonly MappedColumn[] = [
  { name: 'TransactionID', type: 'text' },
  { name: 'isFraud', type: 'boolean', optional: true },
  { name: 'TransactionDT', type: 'number' },
  { name: 'TransactionAmt', type: 'number' },
  { name: 'ProductCD', type: 'text' },
  { name: 'card1', type: 'number' },
  ...['card2', 'card3'].map(number),
  text('card4'),
  number('card5'),
  text('card6'),
  ...['addr1', 'addr2', 'dist1', 'dist2'].map(number),
  ...['P_emaildomain', 'R_emaildomain'].map(text),
  ...[...COUNTS, ...DAY_COUNTS].map(number),
  ...MATCHES.map(text),
  ...VESTA.map(number),
];

/** train_identity.csv without its TransactionID: 40 columns. */
export const IDENTITY_COLUMNS: readonly MappedColumn[] = [
  ...IDENTITY.map((name) => (IDENTITY_TEXTS.has(name) ? text(name) : number(name))),
  text('DeviceType'),
  text('DeviceInfo'),
];
