/** Simulated card payments of BankSim. */
import { DAY_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';

/**
 * Payments of 4,112 customers at 50 merchants in Spain; texts stand between single quotes. A step is a day, so payments
 * of one day are taken in the order of the file. Age group, gender and postcodes are attributes and
 * given to no model: nobody is to be judged by them, and all postcodes are one.
 * Source: Lopez-Rojas, Axelsson, "BankSim: A bank payments simulator for fraud detection research", 2014.
 */
export const BANKSIM_MAPPING: DatasetMapping = {
  name: 'banksim',
  summary: 'BankSim: half a year of simulated card payments, by the day',
  origin: 'bs140513_032310.csv of https://www.kaggle.com/datasets/ealaxi/banksim1',
  expectedRows: 594_643,
  columns: [
    { name: 'step', type: 'number' },
    { name: 'customer', type: 'text', treatment: 'unquoted' },
    { name: 'age', type: 'text', optional: true, treatment: 'unquoted' },
    { name: 'gender', type: 'text', optional: true, treatment: 'unquoted' },
    { name: 'zipcodeOri', type: 'text', optional: true, treatment: 'unquoted' },
    { name: 'merchant', type: 'text', treatment: 'unquoted' },
    { name: 'zipMerchant', type: 'text', optional: true, treatment: 'unquoted' },
    { name: 'category', type: 'text', treatment: 'unquoted' },
    { name: 'amount', type: 'number' },
    { name: 'fraud', type: 'boolean', optional: true },
  ],
  fields: {
    transactionId: { fingerprint: 'banksim' },
    userId: { column: 'customer' },
    merchantId: { column: 'merchant' },
    merchantCategory: { column: 'category' },
    transactionType: { constant: 'purchase' },
    time: { column: 'step', unitMs: DAY_MS, originMs: Date.UTC(2012, 10, 1) },
    amount: { column: 'amount', currency: { constant: 'EUR' }, decimals: 'nearest', zero: 'keep' },
    optional: {},
    attributes: ['age', 'gender', 'zipcodeOri', 'zipMerchant'],
    label: { column: 'fraud' },
  },
  timeReference: 'step in days, step 0 taken as 2012-11-01, when the bank’s own data begin; no time of day',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'sentinel', merchantWindows: 'exact' },
};
