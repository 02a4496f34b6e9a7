/** Profiles and claims on Redis: each step is a part of one call of one function. */
import { type ClaimOutcome, type Confirmation, type OnlineStore, type PaymentClaim, type Unfinished } from '../../ports/online-store.ts'; // prettier-ignore
import { createBatches } from './batches.ts';
import { type RedisConnection, type Retention } from './connection.ts';
import { type Value } from './function-call.ts';
import { hashBytes, PENDING, placeAt, restoredMessage, storedClaim, tablesAt, unfinishedRecord, HEAD_BYTES } from './stored-bytes.ts'; // prettier-ignore

const NEW = 0x4e;
const REUSED = 0x52;
const EARLY = 0x45;
/** What `confirm` replies, beside 0. */
const LABELS_WAIT = 1;
const AGAIN = 2;

const asBytes = (value: unknown): Buffer => value as Buffer; // the functions return bulk strings here
const text = (value: unknown): string => asBytes(value).toString();

export function createRedisOnlineStore(redis: RedisConnection, { idWindowMs, answerMs }: Retention): OnlineStore {
  const claims = createBatches<SentClaim, (Buffer | null)[]>(async (batch) => {
    redis.expectEpoch(batch[0]!.epoch); // keys are named by the epoch there is now
    const keys: Value[] = [redis.key('order'), redis.keyOf('pending')];
    const args: Value[] = [redis.epoch(), redis.keyOf('r'), batch.length];
    for (const { payment } of batch) keys.push(redis.keyOf('c', payment.transactionId));
    for (const { payment } of batch) keys.push(redis.keyOf('a', payment.transactionId));
    for (const { payment } of batch) {
      const { transactionId, requestHash, earliestArrivalMs, request, parts } = payment;
      args.push(hashBytes(requestHash), earliestArrivalMs, `c${transactionId}`, request, parts.length);
      for (const { key, knownTo, event } of parts) {
        keys.push(redis.keyOf('p', key));
        args.push(knownTo, event);
      }
    }
    return (await redis.command('claim', keys, args)) as (Buffer | null)[][];
  });

  const confirmations = createBatches<Confirmation, number>(async (batch) => {
    redis.expectEpoch(batch[0]!.epoch);
    const keys: Value[] = [redis.key('order'), redis.keyOf('pending')];
    const args: Value[] = [redis.epoch(), idWindowMs, batch.length];
    const answers: Value[] = [];
    const answerArgs: Value[] = [answerMs];
    for (const { transactionId, answer } of batch) {
      keys.push(redis.keyOf('c', transactionId));
      answers.push(redis.keyOf('a', transactionId));
      answerArgs.push(answer);
    }
    for (const { transactionId } of batch) keys.push(redis.keyOf('w', transactionId));
    for (const { transactionId, seq, blocked } of batch) {
      args.push(`c${transactionId}`, seq, blocked?.keys.length ?? 0, blocked?.event ?? '');
      for (const key of blocked?.keys ?? []) keys.push(redis.keyOf('p', key));
    }
    const [, replies] = await redis.together(() =>
      Promise.all([
        // Not kept, because memory has run out, they are read from the ledger.
        redis.command('answer', answers, answerArgs).catch(() => undefined),
        redis.command('confirm', keys, args),
      ]),
    );
    return replies as number[];
  });

  const claim = async (payment: PaymentClaim): Promise<ClaimOutcome> => {
    const reply = await redis.run(() => claims.add({ payment, epoch: redis.epoch() }));
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
    settle: async (transactionId, seq, answer, epoch) => {
      redis.expectEpoch(epoch); // keys are named by the epoch there is now
      const keys = [redis.key('order'), redis.keyOf('c', transactionId), redis.keyOf('a', transactionId)];
      return asBytes(await redis.call('settle', keys, [epoch, seq, answer]));
    },
    async confirm(confirmation) {
      const reply = await redis.run(() => confirmations.add(confirmation));
      if (reply < 0) throw redis.notReady();
      return { isFirst: reply !== AGAIN, labelsWait: reply === LABELS_WAIT };
    },
    async confirmPlaced(seq, epoch) {
      redis.expectEpoch(epoch);
      const keys = [redis.key('order'), redis.keyOf('pending'), redis.keyOf('r', String(seq))];
      await redis.call('confirm_placed', keys, [epoch, `r${seq}`]);
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

/** A claim on its way, in the epoch its histories were known in. */
interface SentClaim {
  readonly payment: PaymentClaim;
  readonly epoch: number;
}
