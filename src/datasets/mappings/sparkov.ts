/** Simulated card payments of the Sparkov generator. */
import { inForm } from '../../domain/attribute-feature.ts';
import { DAY_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';

/**
 * A thousand cardholders of the United States at 693 merchants, 2019 and 2020; files fraudTrain.csv and fraudTest.csv.
 * Card numbers become opaque ids; names, streets and days of birth are not read. What is known of the cardholder stays
 * an attribute; only the size of the city is given to models. The place of a payment is the merchant's; `lat` and `long` are the cardholder's home.
 * `unix_time` is seven years off and not read.
 * Source: B. Harris, Sparkov_Data_Generation, 2019; K. Shenoy, "Credit Card Transactions Fraud Detection Dataset", 2020.
 */
export const SPARKOV_MAPPING: DatasetMapping = {
  name: 'sparkov',
  summary: 'Sparkov: two years of simulated card payments with places',
  origin: 'fraudTrain.csv and fraudTest.csv of https://www.kaggle.com/datasets/kartik2112/fraud-detection',
  expectedRows: 1_852_394,
  columns: [
    { name: 'trans_date_trans_time', type: 'timestamp' },
    { name: 'cc_num', type: 'text', treatment: { opaque: 'card' } },
    { name: 'merchant', type: 'text', treatment: { without: 'fraud_' } }, // it stands before every name
    { name: 'category', type: 'text' },
    { name: 'amt', type: 'number' },
    { name: 'gender', type: 'text', optional: true },
    { name: 'city', type: 'text', optional: true },
    { name: 'state', type: 'text', optional: true },
    { name: 'lat', type: 'number', optional: true },
    { name: 'long', type: 'number', optional: true },
    { name: 'city_pop', type: 'number', optional: true },
    { name: 'job', type: 'text', optional: true },
    { name: 'trans_num', type: 'text' },
    { name: 'merch_lat', type: 'number' },
    { name: 'merch_long', type: 'number' },
    { name: 'is_fraud', type: 'boolean', optional: true },
  ],
  fields: {
    transactionId: { column: 'trans_num' },
    userId: { column: 'cc_num' },
    merchantId: { column: 'merchant' },
    merchantCategory: { column: 'category' },
    transactionType: { constant: 'purchase' },
    time: { column: 'trans_date_trans_time' },
    amount: { column: 'amt', currency: { constant: 'USD' }, decimals: 'nearest', zero: 'drop' },
    optional: { cardId: { column: 'cc_num' } },
    location: { latitude: 'merch_lat', longitude: 'merch_long' },
    attributes: ['gender', 'city', 'state', 'lat', 'long', 'city_pop', 'job'],
    label: { column: 'is_fraud' },
  },
  timeReference: 'trans_date_trans_time without a zone, taken as UTC',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'sentinel', merchantWindows: 'tiles', attributes: inForm('number', ['city_pop']) },
};
