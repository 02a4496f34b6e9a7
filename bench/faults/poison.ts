/** Messages that nobody can decide, one of each kind. */
import { HOUR_MS } from '../../src/domain/time.ts';
import { type TopicMessage } from './topic-client.ts';

/** Begins the key of every poison message; the message itself may not be readable. */
export const POISON_KEY = 'poison/';

/** What a payment of known id and good content is made of. */
export interface KnownPayment {
  readonly body: string;
}

type Make = (good: Readonly<Record<string, unknown>>) => Pick<TopicMessage, 'topic' | 'value' | 'headers'>;

const payment = (value: Buffer | string): ReturnType<Make> => ({ topic: 'transactions', value });
const label = (value: Buffer | string): ReturnType<Make> => ({ topic: 'labels', value });
const json = (value: unknown): string => JSON.stringify(value);
const DEEP = 200;

/** `good` is a payment that was answered before. */
export const POISONS: Readonly<Record<string, Make>> = {
  'not JSON': () => payment('{"user_id":'),
  'not UTF-8': () => payment(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])),
  empty: () => payment(''),
  'not an object': (good) => payment(json([good])),
  'nested too deep': (good) => payment(`${json(good).slice(0, -1)},"attributes":${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`), // prettier-ignore
  'a field missing': ({ amount: _, ...good }) => payment(json({ ...good, transaction_id: 'poison-missing' })),
  'a field unknown': (good) => payment(json({ ...good, transaction_id: 'poison-unknown', colour: 'red' })),
  'a negative amount': (good) => payment(json({ ...good, transaction_id: 'poison-negative', amount: -1 })),
  'a currency without rate': (good) => payment(json({ ...good, transaction_id: 'poison-currency', currency: 'XXX' })),
  'dated ahead': (good) => payment(json({ ...good, transaction_id: 'poison-ahead', timestamp: new Date(Date.now() + HOUR_MS).toISOString() })), // prettier-ignore
  'an id used before': (good) => payment(json({ ...good, amount: Number(good['amount']) + 1 })),
  'a later form': (good) => ({ ...payment(json({ ...good, transaction_id: 'poison-form' })), headers: { 'schema-version': '99' } }), // prettier-ignore
  'a label that is not JSON': () => label('fraud!'),
  'a label of unknown source': () => label(json({ transaction_id: 'poison', is_fraud: true, source: 'rumour' })),
};

export function poisonOf(kind: string, { body }: KnownPayment): TopicMessage {
  const good = JSON.parse(body) as Record<string, unknown>; // a request this benchmark wrote
  return { ...POISONS[kind]!(good), key: POISON_KEY + kind };
}
