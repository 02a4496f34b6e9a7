/** Reads what is left when every process has ended, and compares all of it with what was sent. */
import { raisesAlert } from '../../src/decisions/decide.ts';
import { type FeatureSettings } from '../../src/features/settings.ts';
import { type DecisionRecord, type LabelRecord } from '../../src/journal/record.ts';
import { type Champion } from '../../src/usecases/judge.ts';
import { createDecisionEncoder } from '../../src/wire/decision.ts';
import { checkClaims } from './checks/check-claims.ts';
import { checkDeadLetters } from './checks/check-dead-letters.ts';
import { checkAnswers, checkDecisions, checkMessages } from './checks/check-decisions.ts';
import { checkLabels, type LabelSendings } from './checks/check-labels.ts';
import { checkLedger } from './checks/check-ledger.ts';
import { checkProfiles } from './checks/check-profiles.ts';
import { createTally, type Finding } from './checks/finding.ts';
import { replay } from './checks/replay.ts';
import { idOfMessage, isPoison } from './checks/sent-payments.ts';
import { type Answer, type HttpClient } from './http-client.ts';
import { type ServerAddresses } from '../own-servers.ts';
import { readJournal } from './readers/read-journal.ts';
import { readLedger } from './readers/read-ledger.ts';
import { readRedis } from './readers/read-redis.ts';
import { type ReadMessage, readTopic } from './readers/read-topic.ts';

export interface Seen {
  readonly findings: readonly Finding[];
  readonly sent: {
    readonly payments: number;
    /** Requests answered and messages in the topic, repeats included. */
    readonly paymentsByHttp: number;
    readonly paymentsByTopic: number;
    readonly labels: number;
    readonly poison: number;
  };
  readonly records: number;
  /** When decisions were sent to their topic, epoch milliseconds, ascending. */
  readonly decidedAtMs: readonly number[];
}

export interface LookOptions {
  readonly addresses: ServerAddresses;
  readonly journalKey: string;
  readonly http: HttpClient;
  readonly settings: FeatureSettings;
  readonly champion: Champion;
}

export async function look(options: LookOptions): Promise<Seen> {
  const { addresses, http, settings, champion } = options;
  const read = (topic: string): Promise<readonly ReadMessage[]> => readTopic(addresses.broker, topic);
  const { records, gap } = await readJournal(addresses.broker, options.journalKey);
  const decisions = records.filter((record): record is DecisionRecord => record.type === 'decision');
  const labels = records.filter((record): record is LabelRecord => record.type === 'label');
  const byId = new Map(decisions.map((record) => [record.transaction.transactionId, record]));
  const [payments, labelMessages] = [await read('transactions'), await read('labels')];
  const answered = http.answers.filter(({ errand }) => errand.to === 'transactions');
  const byHttp = new Set(answered.map(({ errand }) => (JSON.parse(errand.body) as { transaction_id: string }).transaction_id)); // prettier-ignore
  const byTopic = new Set(payments.filter((message) => !isPoison(message)).map(idOfMessage));
  const poison = [
    ...payments.filter(isPoison).map((message) => ({ ...message, place: `transactions:${message.partition}:${message.offset}` })),
    ...labelMessages.filter(isPoison).map((message) => ({ ...message, place: `labels:${message.partition}:${message.offset}` })),
  ]; // prettier-ignore
  const sentLabels = labelsSent(http.answers, labelMessages);
  const decided = await read('decisions');
  const fromTopic = decisions.filter(({ message }) => message !== undefined);
  const alerting = fromTopic.filter(({ outcome, probability, fallbackCause }) =>
    raisesAlert(outcome, fallbackCause === undefined ? probability : undefined, champion.policy),
  );
  const { parity, fold, catalogue } = await replay(records, settings, champion);
  const encode = createDecisionEncoder([catalogue]);
  const redis = await readRedis(addresses.redis);
  return {
    findings: [
      checkDecisions(decisions, byHttp, byTopic),
      checkAnswers(answered, byId, encode),
      unanswered(http),
      checkMessages('messages in decisions of payments that came by the topic', decided, fromTopic, encode),
      checkMessages('messages in alerts of decisions that raise one', await read('alerts'), alerting, encode),
      checkLabels(labels, sentLabels),
      checkDeadLetters(await read('transactions.dlq'), poison),
      places(gap),
      parity,
      checkProfiles(redis.histories, fold, settings, decisions),
      checkClaims(redis, decisions, fold),
      checkLedger(await readLedger(addresses.postgres), records),
    ],
    sent: {
      payments: new Set([...byHttp, ...byTopic]).size,
      paymentsByHttp: answered.length,
      paymentsByTopic: payments.length - payments.filter(isPoison).length,
      labels: sentLabels.size,
      poison: poison.length,
    },
    records: records.length,
    decidedAtMs: decided.map(({ timestampMs }) => timestampMs).sort((a, b) => a - b),
  };
}

function labelsSent(answers: readonly Answer[], messages: readonly ReadMessage[]): Map<string, LabelSendings> {
  const sent = new Map<string, LabelSendings>();
  const add = (body: string, attempts: number): void => {
    const { campaign } = JSON.parse(body) as { campaign: string }; // this benchmark wrote it
    const { least, most } = sent.get(campaign) ?? { least: 0, most: 0 };
    sent.set(campaign, { least: least + 1, most: most + attempts });
  };
  for (const { errand, attempts } of answers) if (errand.to === 'labels') add(errand.body, attempts);
  for (const message of messages) if (!isPoison(message)) add(message.value.toString(), 1);
  return sent;
}

function unanswered({ refusals, waiting }: HttpClient): Finding {
  const tally = createTally('requests by HTTP answered');
  for (const refusal of refusals) tally.lost(refusal);
  if (waiting() > 0) tally.lost('requests never answered', waiting());
  return tally.finding();
}

function places(gap: number | undefined): Finding {
  const tally = createTally('places in the journal');
  if (gap !== undefined) tally.lost(`seq ${gap} is empty, and later ones are not`);
  return tally.finding();
}
