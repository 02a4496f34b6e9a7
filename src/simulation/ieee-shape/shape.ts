/** Rows of the shape of the IEEE-CIS files, made one after the other from a seed: same columns, types and gaps. */
import { DAY_MS, SECOND_MS } from '../../domain/time.ts';
import { createRandom, type Random } from '../../stats/random.ts';
import { countCells } from './counts.ts';
import { identityCells } from './identity.ts';
import { IDENTITY_MISSING, IDENTITY_SHARE, MISSING } from './missing.ts';
import { type Owner, ownerOf } from './owners.ts';

export interface IeeeShapeOptions {
  readonly seed: number;
  readonly rows: number;
}

/** A line of each file, without its end; the second file has none for most payments. */
export interface IeeeShapeRow {
  readonly transaction: string;
  readonly identity?: string;
  readonly isFraud: boolean;
}

/** Rows of the published training file. */
export const IEEE_CIS_ROWS = 590_540;
/** Payments of an owner, on average. */
const PAYMENTS_PER_OWNER = 6;
const DAYS = 182;
const DAY_SECONDS = DAY_MS / SECOND_MS;
const FIRST_ID = 2_987_000;

const numbered = (prefix: string, last: number): readonly string[] =>
  Array.from({ length: last }, (_, i) => `${prefix}${i + 1}`);

const AFTER_PRODUCT = [
  ...numbered('card', 6), 'addr1', 'addr2', 'dist1', 'dist2', 'P_emaildomain', 'R_emaildomain',
  ...numbered('C', 14), ...numbered('D', 15), ...numbered('M', 9),
]; // prettier-ignore

export const IEEE_TRANSACTION_HEADER: string = [
  'TransactionID', 'isFraud', 'TransactionDT', 'TransactionAmt', 'ProductCD', ...AFTER_PRODUCT, ...numbered('V', 339),
].join(); // prettier-ignore
export const IEEE_IDENTITY_HEADER: string = [
  'TransactionID',
  ...numbered('id_', IDENTITY_MISSING.length - 2).map((name) => name.replace(/_(\d)$/, '_0$1')),
  'DeviceType',
  'DeviceInfo',
].join();

interface Payment {
  readonly random: Random;
  readonly owner: Owner;
  readonly isFraud: boolean;
  /** Days since the beginning of the file, with their fraction. */
  readonly day: number;
}

/** A count that follows how much the card is used; a thief's are higher. */
function count({ random, owner, isFraud }: Payment, mean: number): string {
  return `${Math.floor(random.exponential(mean * owner.activity * (isFraud ? 2 : 1)))}.0`;
}

/** Days since something first happened, of which the card's own first payment is the most exact. */
function dayCount({ random, owner, day }: Payment, number: number): string {
  const sinceFirst = Math.floor(day) - owner.firstDay;
  if (number === 1) return `${sinceFirst}.0`;
  if (number === 8) return String(Math.round(random.exponential(60) * 1e6) / 1e6);
  if (number === 9) return String(Math.floor((day % 1) * 24) / 24);
  if (number === 3 || number === 5) return `${Math.floor(random.exponential(20))}.0`;
  return `${random.next() < 0.7 ? sinceFirst : random.integer(sinceFirst + 1)}.0`;
}

function match({ random, isFraud }: Payment, number: number): string {
  if (number === 4) return `M${isFraud && random.next() < 0.5 ? 2 : random.integer(3)}`;
  return random.next() < (isFraud ? 0.5 : 0.75) ? 'T' : 'F';
}

/** The values of the columns behind ProductCD, in their order, before some are left out. */
function* valuesOf(payment: Payment): Generator<string> {
  const { random, owner } = payment;
  const [card1, card2, card3, scheme, card5, kind] = owner.card;
  yield String(card1);
  yield `${card2}.0`;
  yield `${card3}.0`;
  yield scheme;
  yield `${card5}.0`;
  yield kind;
  yield `${owner.region}.0`;
  yield `${owner.country}.0`;
  yield `${Math.floor(random.exponential(120))}.0`;
  yield `${Math.floor(random.exponential(230))}.0`;
  yield payment.isFraud && random.next() < 0.3 ? 'anonymous.com' : owner.payerDomain;
  yield owner.receiverDomain;
  for (let number = 1; number <= 14; number++) yield count(payment, number === 3 ? 0.05 : number / 2);
  for (let number = 1; number <= 15; number++) yield dayCount(payment, number);
  for (let number = 1; number <= 9; number++) yield match(payment, number);
}

function amountOf({ random, owner, isFraud }: Payment): string {
  const amount = 1 + random.exponential(owner.meanAmount * (isFraud ? 1.4 : 1));
  const decimals = owner.product === 'C' ? 1_000 : 100; // converted from another currency
  return String(Math.round(amount * decimals) / decimals);
}

/** `rows` payments in order of time; memory does not grow with them. */
export function* createIeeeShape({ seed, rows }: IeeeShapeOptions): Generator<IeeeShapeRow> {
  const random = createRandom(seed);
  const people = random.fork(1);
  const owners = Math.max(1, Math.round(rows / PAYMENTS_PER_OWNER));
  const meanGapDays = DAYS / rows;
  let day = 0;
  for (let row = 0; row < rows; row++) {
    day = Math.min(DAYS - 1 / DAY_SECONDS, day + random.exponential(meanGapDays));
    const owner = ownerOf(people, random.integer(owners));
    const isFraud = day >= owner.stolenDay && day < owner.stolenDay + owner.stolenDays;
    const payment: Payment = { random, owner, isFraud, day };
    const isW = owner.product === 'W';
    const id = FIRST_ID + row;
    let transaction = `${id},${isFraud ? 1 : 0},${Math.floor((1 + day) * DAY_SECONDS)},${amountOf(payment)},${owner.product}`;
    let column = 0;
    for (const value of valuesOf(payment)) {
      const share = MISSING[AFTER_PRODUCT[column++]!];
      const isMissing = share !== undefined && random.next() < (isW ? share.w : share.other);
      transaction += isMissing ? ',' : `,${value}`;
    }
    transaction += countCells(random, isW, owner.activity, isFraud);
    const hasIdentity = !isW && random.next() < IDENTITY_SHARE;
    yield hasIdentity
      ? { transaction, identity: `${id}${identityCells(random, isFraud)}`, isFraud }
      : { transaction, isFraud };
  }
}
