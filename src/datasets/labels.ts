/** When a label came to light: as the data recorded it, else after the mapping's delay. */
import { type KnownLabel } from '../domain/labelled-transaction.ts';
import { maskPans } from '../domain/pan.ts';
import { type LabelSourceColumns } from './mapping.ts';

/** One row's label cells, parsed; NaN or undefined where empty. */
export interface LabelCells {
  /** 1 fraud, 0 genuine. */
  readonly isFraud: number;
  readonly arrivalMs: number;
  readonly campaign: string | undefined;
}

/**
 * The label of a payment, undefined when the cell is empty. An arrival before the payment is moved to the payment:
 * nothing is known of what has not happened. Only frauds carry a campaign, card numbers in it masked as the service does.
 */
export function labelOf(
  cells: LabelCells,
  eventTimeMs: number,
  labelDelayMs: number,
  names: NonNullable<LabelSourceColumns['campaign']>['names'],
): KnownLabel | undefined {
  if (Number.isNaN(cells.isFraud)) return undefined;
  const isFraud = cells.isFraud === 1;
  const arrivalMs = Number.isNaN(cells.arrivalMs) ? eventTimeMs + labelDelayMs : Math.max(cells.arrivalMs, eventTimeMs);
  if (!isFraud || cells.campaign === undefined) return { isFraud, arrivalMs };
  return { isFraud, arrivalMs, campaign: names?.[cells.campaign] ?? maskPans(cells.campaign) };
}
