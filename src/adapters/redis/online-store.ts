/** Profiles and claims on Redis: each step is one call of one function. */
import { type ClaimOutcome, type OnlineStore, type PaymentClaim, type Unfinished } from '../../ports/online-store.ts';
import { type RedisConnection, type Retention, type Value } from './connection.ts';
import { hashBytes, PENDING, placeAt, restoredMessage, storedClaim, tablesAt, unfinishedRecord, HEAD_BYTES } from './stored-bytes.ts'; // prettier-ignore

const NEW = 0x4e;
const REUSED = 0x52;
const EARLY = 0x45;

const asBytes = (value: unknown): Buffer => value as Buffer; // the functions return bulk strings here
const text = (value: unknown): string => asBytes(value).toString();

export function createRedisOnlineStore(redis: RedisConnection, { idWindowMs, answerMs }: Retention): OnlineStore {
  const claimKeys = (transactionId: string): Buffer[] => [
    redis.key('order'),
    redis.keyOf('c', transactionId),
    redis.keyOf('a', transactionId),
  ];

  const claim = async (payment: PaymentClaim): Promise<ClaimOutcome> => {
    const { transactionId, parts } = payment;
    const keys: Value[] = claimKeys(transactionId);
    keys.push(redis.keyOf('pending'));
    const args: Value[] = [
      redis.epoch(),
      hashBytes(payment.requestHash),
      payment.earliestArrivalMs,
      `c${transactionId}`,
      payment.request,
      redis.keyOf('r'),
    ];
    for (const { key, knownTo, event } of parts) {
      keys.push(redis.keyOf('p', key));
      args.push(knownTo, event);
    }
    const reply = (await redis.call('claim', keys, args)) as (Buffer | null)[];
    const first = reply[0]!;
    switch (first[0]) {
      case NEW: {
        const [, ...histories] = reply;
        return {
          status: 'claimed',
          place: placeAt(first, 1),
          tablesVersion: tablesAt(first, 1 + HEAD_BYTES),
          histories: histories as Buffer[],
        };
      }
      case REUSED:
        return { status: 'reused' };
      case EARLY:
        return { status: 'early' };
      case PENDING:
        return { status: 'pending', claim: storedClaim(first, reply[1] ?? null) };
      default: {
        const message = restoredMessage(first);
        return {
          status: 'answered',
          decisionSeq: placeAt(first, 1).seq,
          repeat: placeAt(reply[2]!, 0),
          ...(reply[1] != null && { answer: reply[1] }),
          ...(message !== undefined && { message }),
        };
      }
    }
  };

  return {
    epoch: () => redis.epoch(),
    claim,
    settle: async (transactionId, seq, answer) =>
      asBytes(await redis.call('settle', claimKeys(transactionId), [redis.epoch(), seq, answer])),
    async confirm({ transactionId, seq, epoch, answer, blocked }) {
      redis.expectEpoch(epoch);
      const keys: Value[] = [
        redis.key('order'),
        redis.keyOf('c', transactionId),
        redis.keyOf('pending'),
        redis.keyOf('w', transactionId),
      ];
      for (const key of blocked?.keys ?? []) keys.push(redis.keyOf('p', key));
      // Not kept, because memory has run out, it is read from the ledger.
      const kept = redis.set(redis.keyOf('a', transactionId), answer, answerMs).catch(() => undefined);
      const args = [epoch, `c${transactionId}`, seq, idWindowMs, blocked?.event ?? ''];
      const [labelsWait] = await Promise.all([redis.call('confirm', keys, args), kept]);
      return labelsWait === 1;
    },
    async confirmPlaced(seq) {
      const keys = [redis.key('order'), redis.keyOf('pending'), redis.keyOf('r', String(seq))];
      await redis.call('confirm_placed', keys, [redis.epoch(), `r${seq}`]);
    },
    async unfinished(ageMs, limit, skip = 0) {
      const keys = [redis.key('order'), redis.keyOf('pending')];
      const reply = (await redis.call('unfinished', keys, [
        redis.epoch(),
        ageMs,
        skip,
        limit,
        redis.keyOf(''),
      ])) as Buffer[];
      const found: Unfinished[] = [];
      for (let i = 0; i < reply.length; i += 3) {
        const member = text(reply[i]);
        const id = member.slice(1);
        if (member.startsWith('b')) found.push({ kind: 'labels', transactionId: id });
        else if (member.startsWith('r')) found.push(unfinishedRecord(reply[i + 1]!));
        else
          found.push({ kind: 'payment', transactionId: id, claim: storedClaim(reply[i + 1]!, reply[i + 2] ?? null) });
      }
      return found;
    },
    async histories(keys) {
      const all = [redis.key('order'), redis.keyOf('pending'), ...keys.map((key) => redis.keyOf('p', key))];
      const [oldest, ...histories] = (await redis.call('histories', all, [redis.epoch()])) as Buffer[];
      return { settledBefore: Number(text(oldest)), histories };
    },
    async compact(key, head) {
      const offset = placeAt(head, 0).seq; // a head begins with its offset, a u48 too
      const keys = [redis.key('order'), redis.keyOf('p', key)];
      return (await redis.call('compact', keys, [redis.epoch(), offset, head])) === 1;
    },
  };
}
