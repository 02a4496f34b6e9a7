/** Simulated mobile money of PaySim. */
import { inForm } from '../../domain/attribute-feature.ts';
import { DAY_MS, HOUR_MS } from '../../domain/time.ts';
import { type DatasetMapping } from '../mapping.ts';

/** As they stood before the payment. */
const BALANCES = ['oldbalanceOrg', 'oldbalanceDest'];

/**
 * A month of transfers, payments and withdrawals between accounts. Names of accounts become opaque ids. The balances
 * after the payment say whether it went through, and `isFlaggedFraud` what a rule made of it: neither is known when it
 * is judged, and neither is read. 16 payments of nothing are all frauds.
 * Source: Lopez-Rojas, Elmir, Axelsson, "PaySim: A financial mobile money simulator for fraud detection", 2016.
 */
export const PAYSIM_MAPPING: DatasetMapping = {
  name: 'paysim',
  summary: 'PaySim: a month of simulated mobile money',
  origin: 'PS_20174392719_1491204439457_log.csv of https://www.kaggle.com/datasets/ealaxi/paysim1',
  expectedRows: 6_362_620,
  columns: [
    { name: 'step', type: 'number' },
    { name: 'type', type: 'text' },
    { name: 'amount', type: 'number' },
    { name: 'nameOrig', type: 'text', treatment: { opaque: 'account' } },
    { name: 'oldbalanceOrg', type: 'number', optional: true },
    { name: 'nameDest', type: 'text', treatment: { opaque: 'account' } },
    { name: 'oldbalanceDest', type: 'number', optional: true },
    { name: 'isFraud', type: 'boolean', optional: true },
  ],
  fields: {
    transactionId: { fingerprint: 'paysim' },
    userId: { column: 'nameOrig' },
    merchantId: { column: 'nameDest' },
    merchantCategory: { constant: 'mobile_money' },
    transactionType: { column: 'type' },
    time: { column: 'step', unitMs: HOUR_MS, originMs: Date.UTC(2018, 0, 1) },
    amount: { column: 'amount', currency: { constant: 'USD' }, decimals: 'nearest', zero: 'keep' },
    optional: {},
    attributes: BALANCES,
    label: { column: 'isFraud' },
  },
  timeReference: 'step in hours of a month that is not named: step 0 taken as 2018-01-01, a Monday; no currency either',
  labelDelayMs: 7 * DAY_MS,
  utcOffsetMinutes: 0,
  features: { catalogue: 'sentinel', merchantWindows: 'tiles', attributes: inForm('number', BALANCES) },
};
