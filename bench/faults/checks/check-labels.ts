/** Every label sent is on record as often as it was sent; by HTTP, where a retry is a label too, at least as often as it was taken. */
import { type LabelRecord } from '../../../src/journal/record.ts';
import { createTally, type Finding } from './finding.ts';

/** How often a label may be on record. */
export interface LabelSendings {
  readonly least: number;
  readonly most: number;
}

/**
 * `records` in order; `sent` by the label's campaign, which is its name here. Labels that waited count when they are bound to
 * their payment, or when a later one takes their place.
 */
export function checkLabels(records: readonly LabelRecord[], sent: ReadonlyMap<string, LabelSendings>): Finding {
  const tally = createTally('labels on record of labels sent');
  const counted = new Map<string, number>();
  const count = (name: string): void => void counted.set(name, (counted.get(name) ?? 0) + 1);
  /** Names of those that wait, by payment and source. */
  const waiting = new Map<string, string>();
  for (const { label, payment } of records) {
    const name = label.campaign ?? '';
    const place = `${label.source} ${label.transactionId}`;
    const before = waiting.get(place);
    if (payment === undefined) {
      if (before !== undefined) count(before);
      waiting.set(place, name);
    } else {
      count(name);
      if (before === name) waiting.delete(place);
    }
    if (!sent.has(name)) tally.differs(`a label of ${label.transactionId} nobody sent: ${name}`);
  }
  tally.count(sent.size);
  for (const [name, { least, most }] of sent) {
    const times = counted.get(name) ?? 0;
    if (times < least) tally.lost(`${name} is on record ${times} times of ${least}`, least - times);
    if (times > most) tally.duplicated(`${name} is on record ${times} times instead of ${most}`, times - most);
  }
  return tally.finding();
}
