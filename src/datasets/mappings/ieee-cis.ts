/** The payments of Vesta for the IEEE Computational Intelligence Society's competition. */
import { DAY_MS, SECOND_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';
import { ATTRIBUTE_FEATURES, IDENTITY_COLUMNS, TRANSACTION_COLUMNS } from './ieee-columns.ts';

/** Columns that say who pays, when, how much and what became of it. */
const OWN_PLACE: ReadonlySet<string> = new Set(['TransactionID', 'isFraud', 'TransactionDT', 'ProductCD', 'card4', 'P_emaildomain', 'DeviceType']); // prettier-ignore

const columns = [...TRANSACTION_COLUMNS, ...IDENTITY_COLUMNS];

/**
 * Online payments of half a year. No column names a person: the owner of a card is told by the card, its billing region
 * and the day on which D1, days since the card's first payment, was 0; that key only gathers payments and is never a
 * feature. There is no merchant either: the product stands for it. DeviceInfo names a model of device, not a device.
 * Source: IEEE-CIS Fraud Detection, Kaggle, 2019, data description by the host; the owner's key: C. Deotte and
 * K. Yakovlev, first place.
 */
export const IEEE_CIS_MAPPING: DatasetMapping = {
  name: 'ieee-cis',
  summary: 'IEEE-CIS Fraud Detection: half a year of online payments, 434 columns in two files',
  origin:
    'train_transaction.csv and train_identity.csv of https://www.kaggle.com/c/ieee-fraud-detection, merged by sentinel datasets prepare',
  expectedRows: 590_540,
  columns,
  completion: { key: 'TransactionID', columns: IDENTITY_COLUMNS.map(({ name }) => name) },
  fields: {
    transactionId: { column: 'TransactionID' },
    userId: { parts: [{ column: 'card1' }, { column: 'addr1' }, { column: 'D1', countsDays: true }] },
    merchantId: { column: 'ProductCD' },
    merchantCategory: { column: 'ProductCD' },
    transactionType: { constant: 'purchase' },
    time: { column: 'TransactionDT', unitMs: SECOND_MS, originMs: Date.UTC(2017, 10, 30) },
    // Amounts converted from another currency have three decimals.
    amount: { column: 'TransactionAmt', currency: { constant: 'USD' }, decimals: 'nearest', zero: 'drop' },
    optional: {
      cardId: { parts: ['card1', 'card2', 'card3', 'card5'].map((column) => ({ column })) },
      deviceType: { column: 'DeviceType' },
      cardType: { column: 'card4' },
      emailDomain: { column: 'P_emaildomain' },
    },
    attributes: columns.map(({ name }) => name).filter((name) => !OWN_PLACE.has(name)),
    label: { column: 'isFraud' },
  },
  timeReference: 'TransactionDT in seconds since a moment that is not told, taken as 2017-11-30T00:00:00Z',
  // Labels were closed after 120 days, of the 182 that the file spans; a month leaves enough to learn from.
  labelDelayMs: 30 * DAY_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'sentinel', merchantWindows: 'tiles', attributes: ATTRIBUTE_FEATURES },
};
