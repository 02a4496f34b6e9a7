/** Files of the Fraud Detection Handbook's shape. */
import { formatRfc3339 } from '../../src/domain/time.ts';
import { createRandom } from '../../src/stats/random.ts';

const HEADER =
  'TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,TX_FRAUD,TX_FRAUD_SCENARIO';

export interface HandbookPayment {
  readonly timeMs: number;
  readonly customer: number;
  readonly terminal: number;
  readonly cents: number;
  readonly fraud: boolean;
}

/** CSV text; payments are numbered from 0. */
export function handbookCsv(payments: readonly HandbookPayment[]): string {
  const lines = payments.map(({ timeMs, customer, terminal, cents, fraud }, id) => {
    const time = formatRfc3339(timeMs).slice(0, 19).replace('T', ' ');
    return `${id},${time},${customer},${terminal},${(cents / 100).toFixed(2)},0,0,${fraud ? '1,1' : '0,0'}`;
  });
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/** Payments spread evenly over a period, one in twenty a fraud of a large amount. */
export function handbookPayments(fromMs: number, toMs: number, count: number): readonly HandbookPayment[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const fraud = random.next() < 0.05;
    return {
      timeMs: fromMs + Math.floor((index * (toMs - fromMs)) / count / 1_000) * 1_000,
      customer: random.integer(count / 4),
      terminal: random.integer(20),
      cents: (fraud ? 15_000 : 1_000) + random.integer(10_000),
      fraud,
    };
  });
}
