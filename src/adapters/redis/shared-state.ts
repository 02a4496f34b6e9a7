/** Labels, tables, versions, roles and rates on Redis. */
import { DAY_MS } from '../../domain/time.ts';
import { type Placed, type Place } from '../../ports/online-store.ts';
import { type LabelChange, type LabelState, type SharedState } from '../../ports/shared-state.ts';
import { type RedisConnection, type Retention } from './connection.ts';
import { type Value } from './function-call.ts';
import { beginRestoration } from './restoration.ts';
import { HEAD_BYTES, joined, placeAt, placedBytes, placedOf, separated } from './stored-bytes.ts';

const NONE = Buffer.alloc(0);
/** By the first byte of a claim. */
const PAYMENTS = { '': 'unknown', P: 'pending', A: 'answered' } as const;
const STATES = { unknown: '', pending: 'P', answered: 'A' } as const;

/** A payment pending under tables since replaced may be one of a message, which can come again for the week its topic keeps it. */
const REPLACED_TABLES_MS = 8 * DAY_MS;

const placeOf = (reply: unknown): Place | undefined => {
  const head = reply as Buffer; // the functions return a head or nothing
  return head.length === 0 ? undefined : placeAt(head, 0);
};

export function createRedisSharedState(redis: RedisConnection, { labelMs, idWindowMs }: Retention): SharedState {
  const order = (): string => redis.key('order');
  const toldKey = (name: string): string => redis.key(`told:${name}`);
  const present = (): string[] => [redis.key('present'), redis.key('versions')];
  const get = (key: string): Promise<Buffer | null> => redis.run(() => redis.client.getBuffer(key));

  const placeLabel = async (change: LabelChange): Promise<Placed | 'on record' | undefined> => {
    const { transactionId, given, added, message } = change;
    const keys: Value[] = [
      order(),
      redis.keyOf('c', transactionId),
      redis.keyOf('l', transactionId),
      redis.keyOf('w', transactionId),
      redis.keyOf('pending'),
      redis.keyOf('waiting'),
      redis.keyOf('m', message),
      ...(added?.keys ?? []).map((key) => redis.keyOf('p', key)),
    ];
    const args: Value[] = [
      redis.epoch(),
      transactionId,
      STATES[given.payment],
      given.inForce === undefined ? NONE : placedBytes(given.inForce),
      joined(given.waiting),
      change.frame,
      redis.keyOf('r'),
      change.becomes === 'in force' ? 'F' : change.becomes === 'waiting' ? 'W' : 'N',
      labelMs,
      joined(change.left),
      added?.event ?? NONE,
      message === undefined ? 0 : idWindowMs,
    ];
    const reply = (await redis.call('place_label', keys, args)) as Buffer | number; // see functions.ts
    if (typeof reply === 'number') return 'on record';
    if (reply.length > HEAD_BYTES) return placedOf(reply);
    const place = placeOf(reply);
    return place && { ...place, frame: change.frame };
  };

  return {
    async labels(transactionId): Promise<LabelState> {
      const keys = [order(), ...['c', 'a', 'l', 'w'].map((kind) => redis.keyOf(kind, transactionId))];
      const reply = (await redis.call('labels', keys, [redis.epoch()])) as [Buffer, ...(Buffer | null)[]];
      const [claim, answer = null, inForce = null, waiting = null] = reply;
      const payment = PAYMENTS[claim.toString('latin1', 0, 1) as keyof typeof PAYMENTS];
      return {
        payment,
        waiting: waiting === null ? [] : separated(waiting),
        ...(payment === 'answered' && { decided: placeAt(claim, 1) }),
        ...(payment === 'answered' && answer !== null && { answer }),
        ...(inForce !== null && { inForce: placedOf(inForce) }),
      };
    },
    placeLabel,
    waitingSince: (arrivalMs, limit) =>
      redis.run(() => redis.client.zrangebyscore(redis.keyOf('waiting'), 0, arrivalMs, 'LIMIT', 0, limit)),
    async place({ frame, tables = 0, inForce }) {
      const third = inForce === undefined ? redis.keyOf('t', String(tables)) : redis.keyOf('v', inForce.subject);
      const before = redis.keyOf('t', String(tables - 1));
      const version = [inForce?.before ?? '', inForce?.version ?? ''];
      const args = [redis.epoch(), frame, redis.keyOf('r'), tables, ...version, REPLACED_TABLES_MS];
      return placeOf(await redis.call('place', [order(), redis.keyOf('pending'), third, before], args));
    },
    async tables(version) {
      const value = await get(redis.keyOf('t', String(version)));
      return value === null ? undefined : placedOf(value);
    },
    async tablesVersion() {
      const [, tables] = (await redis.call('status', [order()], [])) as [number, number];
      return tables;
    },
    inForce: async (subject) => (await get(redis.keyOf('v', subject)))?.toString(),
    async lead(role, owner, forMs) {
      const number = await redis.call('lead', [redis.key(`lead:${role}`), redis.key(`leads:${role}`)], [owner, forMs]);
      return number === 0 ? undefined : Number(number);
    },
    takeTokens: async (name, perSecond, calls) =>
      (await redis.call('take', [redis.key(`rate:${name}`)], [perSecond, calls])) === 1,
    async tell(name, text, forMs) {
      const key = toldKey(name);
      await redis.run(() =>
        forMs === undefined ? redis.client.set(key, text) : redis.client.set(key, text, 'PX', forMs),
      );
    },
    told: async (name) => (await get(toldKey(name)))?.toString(),
    async agree(name, text) {
      const before = await redis.run(() => redis.client.set(toldKey(name), text, 'NX', 'GET'));
      return before ?? text;
    },
    async attend(owner, version, forMs) {
      return (await redis.call('attend', present(), [owner, version, forMs])) === 1;
    },
    async leave(owner) {
      await redis.call('leave', present(), [owner]);
    },
    async status() {
      try {
        const [epoch] = (await redis.call('status', [order()], [])) as [number, number];
        redis.setEpoch(epoch);
        return 'open';
      } catch (error) {
        if (error instanceof Error && String(error.cause).includes('SENTINEL RESTORING')) return 'restoring';
        throw error;
      }
    },
    restore: (above = 0) => beginRestoration(redis, { labelMs, idWindowMs }, above),
  };
}
