/** Small files in the shapes in which known data sets are published; every tenth payment is a fraud of a large amount. */
import { IDENTITY_COLUMNS, TRANSACTION_COLUMNS } from '../../src/datasets/mappings/ieee-columns.ts';
import { formatRfc3339 } from '../../src/domain/time.ts';

export interface DatasetFiles {
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly rows: number;
}

interface Row {
  readonly index: number;
  /** 0..1 of the time that the data set spans. */
  readonly time: number;
  readonly isFraud: boolean;
  readonly amount: string;
}

const ROWS = 600;

function rowsOf(header: string, line: (row: Row) => string): string {
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const isFraud = index % 10 === 3;
    const amount = ((isFraud ? 900 : 20) + ((index * 37) % 100) + 0.25).toFixed(2);
    return line({ index, time: index / ROWS, isFraud, amount });
  });
  return [header, ...lines].join('\n') + '\n';
}

const flag = (value: boolean): string => (value ? '1' : '0');

const ulb = (): string =>
  rowsOf(
    ['Time', ...Array.from({ length: 28 }, (_, i) => `V${i + 1}`), 'Amount', 'Class'].map((name) => `"${name}"`).join(),
    ({ index, time, isFraud, amount }) =>
      [
        Math.floor(time * 172_800),
        ...Array.from({ length: 28 }, (_, i) => (((index * (i + 3)) % 17) - 8 + (isFraud ? 5 : 0)) / 4),
        amount,
        `"${flag(isFraud)}"`,
      ].join(),
  );

const sparkov = (): string =>
  rowsOf(
    ',trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,trans_num,unix_time,merch_lat,merch_long,is_fraud',
    ({ index, time, isFraud, amount }) => {
      const moment = formatRfc3339(Date.UTC(2019, 0, 1) + Math.floor(time * 86_400) * 60_000);
      const when = moment.replace('T', ' ').slice(0, 19);
      return `${index},${when},${4_000_000_000_000_000 + (index % 9)},"fraud_Rippin, Kub and Mann",misc_net,${amount},Jennifer,Banks,F,561 Perry Cove,Moravian Falls,NC,28654,36.0788,-81.1781,3495,"Psychologist, counselling",1988-03-09,t${index},1325376018,36.${index},-82.04,${flag(isFraud)}`;
    },
  );

const paysim = (): string =>
  rowsOf(
    'step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud',
    ({ index, time, isFraud, amount }) =>
      `${1 + Math.floor(time * 743)},${isFraud ? 'TRANSFER' : 'PAYMENT'},${amount},C${index},${amount},0.0,M${index % 7},0.0,${amount},${flag(isFraud)},0`,
  );

const banksim = (): string =>
  rowsOf(
    'step,customer,age,gender,zipcodeOri,merchant,zipMerchant,category,amount,fraud',
    ({ index, time, isFraud, amount }) =>
      `${Math.floor(time * 180)},'C${index % 11}','4','M','28007','M${index % 3}','28007','es_${isFraud ? 'travel' : 'health'}',${amount},${flag(isFraud)}`,
  );

/** Cells not named are empty. */
function ieeeLine(columns: readonly string[], cells: Readonly<Record<string, string | number>>): string {
  return columns.map((name) => cells[name] ?? '').join();
}

export const IEEE_TRANSACTION_HEADER = TRANSACTION_COLUMNS.map(({ name }) => name);
export const IEEE_IDENTITY_HEADER = ['TransactionID', ...IDENTITY_COLUMNS.map(({ name }) => name)];

const ieeeTransactions = (): string =>
  rowsOf(IEEE_TRANSACTION_HEADER.join(), ({ index, time, isFraud, amount }) => {
    const seconds = 86_400 + Math.floor(time * 181 * 86_400);
    const days = Math.floor(seconds / 86_400);
    return ieeeLine(IEEE_TRANSACTION_HEADER, {
      TransactionID: 2_987_000 + index,
      isFraud: flag(isFraud),
      TransactionDT: seconds,
      TransactionAmt: index === 5 ? '31.937' : amount,
      ProductCD: isFraud ? 'C' : 'W',
      card1: 13_000 + (index % 12),
      card4: 'visa',
      card6: 'debit',
      addr1: 315,
      P_emaildomain: isFraud ? 'hotmail.co.uk' : 'gmail.com',
      D1: days + (index % 12), // so that the day it counts from is the same at every payment of a card
      C1: index % 5,
      M4: 'M2',
      V1: 1, // constant
      V2: index % 13,
      V3: (index % 13) * 2 + 1, // says what V2 says
      V4: isFraud && index % 20 === 3 ? 1 : '', // nearly always empty, and only frauds have it
      V5: index % 97 === 0 ? 1 : '', // nearly always empty
    });
  });

const ieeeIdentities = (): string =>
  [
    IEEE_IDENTITY_HEADER.join(),
    ...Array.from({ length: ROWS / 4 }, (_, i) =>
      ieeeLine(IEEE_IDENTITY_HEADER, {
        TransactionID: 2_987_000 + i * 4 + 3,
        id_01: -5,
        id_30: 'Windows 10',
        id_31: 'chrome 62.0',
        id_33: '1920x1080',
        DeviceType: 'desktop',
        DeviceInfo: 'SM-G930V Build/NRD90M',
      }),
    ),
    ieeeLine(IEEE_IDENTITY_HEADER, { TransactionID: 1, DeviceType: 'mobile' }), // of no payment
  ].join('\n') + '\n';

/** By the name of the mapping. */
export const DATASET_FILES: Readonly<Record<string, () => DatasetFiles>> = {
  'ieee-cis': () => ({
    files: { 'train_identity.csv': ieeeIdentities(), 'train_transaction.csv': ieeeTransactions() },
    rows: ROWS,
  }),
  ulb: () => ({ files: { 'creditcard.csv': ulb() }, rows: ROWS }),
  sparkov: () => ({ files: { 'fraudTrain.csv': sparkov() }, rows: ROWS }),
  paysim: () => ({ files: { 'paysim.csv': paysim() }, rows: ROWS }),
  banksim: () => ({ files: { 'banksim.csv': banksim() }, rows: ROWS }),
};
