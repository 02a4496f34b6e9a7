/** A history without end in which every record is known from its place: nine decisions, then a label of the first. */
import { type JournalRecord } from '../../../src/journal/record.ts';
import { aDecisionRecord, aLabelRecord } from '../../support/journal-records.ts';

export const CATALOGUE = { hash: 'c1', names: ['amount', 'age', 'speed'] };
const CYCLE = 10;

export function recordAt(seq: number): JournalRecord {
  if (seq % CYCLE === 0) return aLabelRecord(seq, { transactionId: `t${seq - CYCLE + 1}` });
  return aDecisionRecord({ seq });
}

/** How many decisions and how many labelled ones there are up to `seq`. */
export function countsAt(seq: number): { readonly decisions: number; readonly labelled: number } {
  const labelled = Math.floor(seq / CYCLE);
  return { decisions: seq - labelled, labelled };
}
