/** The columns of the IEEE-CIS files, in their order. */
import { type AttributeFeature, inForm } from '../../domain/attribute-feature.ts';
import { type MappedColumn } from '../mapping.ts';

const numbered = (prefix: string, last: number): readonly string[] =>
  Array.from({ length: last }, (_, i) => `${prefix}${i + 1}`);

const COUNTS = numbered('C', 14);
const DAY_COUNTS = numbered('D', 15);
const MATCHES = numbered('M', 9);
const VESTA = numbered('V', 339);
/** `id_01` to `id_38`. */
const IDENTITY = numbered('id_', 38).map((name) => name.replace(/_(\d)$/, '_0$1'));
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

/** Codes written as numbers. */
const CODES = ['card1', 'card2', 'card3', 'card5', 'addr1', 'addr2'];
const COUNTED_IN_DAYS = DAY_COUNTS.filter((name) => name !== 'D9'); // D9 is an hour of the day
const EMAIL = ['email_domain', 'R_emaildomain'];

/** What a model may be given; card, region and first day together name an owner, and only gather payments. */
export const ATTRIBUTE_FEATURES: readonly AttributeFeature[] = [
  ...inForm('fraction', ['TransactionAmt']),
  ...inForm('category', [...CODES, 'card6', ...EMAIL, ...MATCHES]),
  ...inForm('email_vendor', EMAIL),
  ...inForm('email_suffix', EMAIL),
  ...inForm('number', ['dist1', 'dist2', ...COUNTS, ...DAY_COUNTS]),
  ...inForm('first_day', COUNTED_IN_DAYS),
  ...inForm(
    'number',
    IDENTITY.filter((name) => !IDENTITY_TEXTS.has(name)),
  ),
  ...inForm('category', [...IDENTITY_TEXTS, 'DeviceInfo']),
  ...inForm('system', ['id_30']),
  ...inForm('browser', ['id_31']),
  ...inForm('width', ['id_33']),
  ...inForm('height', ['id_33']),
  ...inForm('device_vendor', ['DeviceInfo']),
  ...inForm('number', VESTA),
];
