/** Every label sent is on record as often as it was sent; by HTTP, where a retry is a label too, at least as often as it was taken. */
import { type LabelRecord } from '../../../src/journal/record.ts';
import { createTally, type Finding } from './finding.ts';

/** How often a label may be on record. */
export interface LabelSendings {
  readonly least: number;
  readonly most: number;
}

/** `sent` by the label's campaign, which is its name here. Labels that waited count when they are bound to their payment. */
export function checkLabels(records: readonly LabelRecord[], sent: ReadonlyMap<string, LabelSendings>): Finding {
  const tally = createTally('labels on record of labels sent');
  const bound = new Map<string, number>();
  for (const { label, payment } of records) {
    const name = label.campaign ?? '';
    if (payment !== undefined) bound.set(name, (bound.get(name) ?? 0) + 1);
    if (!sent.has(name)) tally.differs(`a label of ${label.transactionId} nobody sent: ${name}`);
  }
  tally.count(sent.size);
  for (const [name, { least, most }] of sent) {
    const count = bound.get(name) ?? 0;
    if (count < least) tally.lost(`${name} is on record ${count} times of ${least}`, least - count);
    if (count > most) tally.duplicated(`${name} is on record ${count} times instead of ${most}`, count - most);
  }
  return tally.finding();
}
