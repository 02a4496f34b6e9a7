/** Every payment sent has exactly one decision on record, and every answer given by HTTP is that decision. */
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { type DecisionEncoder } from '../../../src/wire/decision.ts';
import { type Answer } from '../http-client.ts';
import { countsOf, createTally, type Finding } from './finding.ts';

export function checkDecisions(
  decisions: readonly DecisionRecord[],
  byHttp: ReadonlySet<string>,
  byTopic: ReadonlySet<string>,
): Finding {
  const tally = createTally('decisions on record of payments sent');
  const counts = countsOf(decisions.map(({ transaction }) => transaction.transactionId));
  const sent = new Set([...byHttp, ...byTopic]);
  tally.count(sent.size);
  for (const id of sent) if (!counts.has(id)) tally.lost(`${id} has no decision`);
  for (const [id, count] of counts) {
    if (count > 1) tally.duplicated(`${id} has ${count} decisions`, count - 1);
    if (!sent.has(id)) tally.differs(`${id} was decided and never sent as a payment`);
  }
  return tally.finding();
}

/** The times a decision took are those of the attempt that answered. */
const comparable = (text: string): string => {
  const { inference_time_ms: _, cached: __, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
};

export function checkAnswers(
  answers: readonly Pick<Answer, 'text'>[],
  byId: ReadonlyMap<string, DecisionRecord>,
  encode: DecisionEncoder,
): Finding {
  const tally = createTally('answers by HTTP against decisions on record');
  tally.count(answers.length);
  for (const { text } of answers) {
    const { transaction_id: id } = JSON.parse(text) as { transaction_id: string };
    const record = byId.get(id);
    if (record === undefined) tally.lost(`${id} was answered and is not on record`);
    else if (comparable(text) !== comparable(encode(record, false))) tally.differs(`${text} for ${encode(record, false)}`); // prettier-ignore
  }
  return tally.finding();
}

/** Messages of a topic against decisions that should have one there each. */
export function checkMessages(
  what: string,
  messages: readonly { readonly value: Buffer }[],
  wanted: readonly DecisionRecord[],
  encode: DecisionEncoder,
): Finding {
  const tally = createTally(what);
  tally.count(wanted.length);
  const texts = messages.map(({ value }) => value.toString());
  const ids = texts.map((text) => (JSON.parse(text) as { transaction_id: string }).transaction_id);
  const counts = countsOf(ids);
  const records = new Map(wanted.map((record) => [record.transaction.transactionId, record]));
  for (const id of records.keys()) if (!counts.has(id)) tally.lost(`${id} has no message`);
  for (const [id, count] of counts) if (count > 1) tally.duplicated(`${id} has ${count} messages`, count - 1);
  ids.forEach((id, index) => {
    const record = records.get(id);
    if (record === undefined) tally.differs(`${id} has a message and should have none`);
    else if (comparable(texts[index]!) !== comparable(encode(record, false))) tally.differs(`${texts[index]} for ${encode(record, false)}`); // prettier-ignore
  });
  return tally.finding();
}
