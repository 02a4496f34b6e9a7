/** Exactly the messages that cannot be handled are kept aside, byte for byte. */
import { type ReadMessage } from '../readers/read-topic.ts';
import { countsOf, createTally, type Finding } from './finding.ts';

export interface SentPoison {
  /** topic:partition:offset */
  readonly place: string;
  readonly key: string;
  readonly value: Buffer;
}

const placeOf = ({ header }: ReadMessage): string =>
  ['source-topic', 'source-partition', 'source-offset'].map((name) => header(name)).join(':');

export function checkDeadLetters(letters: readonly ReadMessage[], poison: readonly SentPoison[]): Finding {
  const tally = createTally('dead letters of messages that cannot be handled');
  tally.count(poison.length);
  const counts = countsOf(letters.map(placeOf));
  const sent = new Map(poison.map((message) => [message.place, message]));
  for (const { place, key } of poison) if (!counts.has(place)) tally.lost(`${key} at ${place} has no dead letter`);
  for (const [place, count] of counts) if (count > 1) tally.duplicated(`${place} has ${count} dead letters`, count - 1);
  for (const letter of letters) {
    const message = sent.get(placeOf(letter));
    if (message === undefined)
      tally.differs(`${placeOf(letter)} was good: ${letter.header('error')} ${letter.value.toString()}`); // prettier-ignore
    else if (!letter.value.equals(message.value)) tally.differs(`${message.key} at ${message.place} has other bytes`);
  }
  return tally.finding();
}
