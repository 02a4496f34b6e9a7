/** The credit card data set of the Université Libre de Bruxelles. */
import { inForm } from '../../domain/attribute-feature.ts';
import { HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';

const COMPONENTS: readonly string[] = Array.from({ length: 28 }, (_, i) => `V${i + 1}`);

/**
 * Payments of European cardholders within two days of September 2013, without any id: every row is a user of its own,
 * so that only what the payment itself says can tell. V1 to V28 are principal components.
 * Source: Dal Pozzolo, Caelen, Johnson, Bontempi, "Calibrating Probability with Undersampling for Unbalanced
 * Classification", 2015.
 */
export const ULB_MAPPING: DatasetMapping = {
  name: 'ulb',
  summary: 'ULB creditcard: two days of European card payments as principal components',
  origin: 'creditcard.csv of https://www.kaggle.com/datasets/mlg-ulb/creditcardfraud',
  expectedRows: 284_807,
  columns: [
    { name: 'Time', type: 'number' },
    ...COMPONENTS.map((name) => ({ name, type: 'number' }) as const),
    { name: 'Amount', type: 'number' },
    { name: 'Class', type: 'boolean', optional: true },
  ],
  fields: {
    transactionId: { fingerprint: 'ulb' },
    userId: { fingerprint: 'ulb' },
    merchantId: { constant: 'unknown' },
    merchantCategory: { constant: 'unknown' },
    transactionType: { constant: 'purchase' },
    time: { column: 'Time', unitMs: SECOND_MS, originMs: Date.UTC(2013, 8, 1) },
    // 1,825 amounts are 0, 27 of them frauds.
    amount: { column: 'Amount', currency: { constant: 'EUR' }, decimals: 'nearest', zero: 'keep' },
    optional: {},
    attributes: COMPONENTS,
    label: { column: 'Class' },
  },
  timeReference: 'Time in seconds since the first payment, whose day in September 2013 is not told: taken as the 1st',
  // Two days leave no room for the delay of a real issuer.
  labelDelayMs: HOUR_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'sentinel', merchantWindows: 'tiles', attributes: inForm('number', COMPONENTS) },
};
