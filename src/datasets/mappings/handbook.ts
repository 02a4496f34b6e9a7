/** The Fraud Detection Handbook's simulated payments. */
import { DAY_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';

/**
 * Customers pay at terminals in dollars and cents, April to September 2018. Fraud scenario 1 is an amount over 220,
 * 2 a compromised terminal, 3 a compromised customer; it names the campaign and is never a feature.
 * Source: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud Detection",
 * 2022, chapter 3; its delay of 7 days is from chapter 5.
 */
export const HANDBOOK_MAPPING: DatasetMapping = {
  name: 'handbook',
  summary: 'Fraud Detection Handbook: simulated payments of customers at terminals, 183 days',
  origin: 'https://fraud-detection-handbook.github.io (simulated data, raw), its daily files joined into one CSV',
  expectedRows: 1_754_155,
  columns: [
    { name: 'TRANSACTION_ID', type: 'text' },
    { name: 'TX_DATETIME', type: 'timestamp' },
    { name: 'CUSTOMER_ID', type: 'text' },
    { name: 'TERMINAL_ID', type: 'text' },
    { name: 'TX_AMOUNT', type: 'number' },
    { name: 'TX_FRAUD', type: 'boolean', optional: true },
    { name: 'TX_FRAUD_SCENARIO', type: 'text', optional: true },
  ],
  fields: {
    transactionId: { column: 'TRANSACTION_ID' },
    userId: { column: 'CUSTOMER_ID' },
    merchantId: { column: 'TERMINAL_ID' },
    merchantCategory: { constant: 'unknown' },
    transactionType: { constant: 'purchase' },
    time: { column: 'TX_DATETIME' },
    // 1,215 amounts carry binary noise (85.64999999999999) and 42 are 0.
    amount: { column: 'TX_AMOUNT', currency: { constant: 'USD' }, decimals: 'nearest', zero: 'keep' },
    optional: {},
    attributes: [],
    label: {
      column: 'TX_FRAUD',
      campaign: {
        column: 'TX_FRAUD_SCENARIO',
        names: { '1': 'large_amount', '2': 'compromised_terminal', '3': 'compromised_customer' },
      },
    },
  },
  timeReference: 'TX_DATETIME as simulated, taken as UTC',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'handbook', merchantWindows: 'exact' },
};
