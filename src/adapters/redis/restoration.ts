/** Fills Redis anew under an epoch of its own; what was there before is dropped. */
import { type Restoration } from '../../ports/shared-state.ts';
import { type RedisConnection, type Retention } from './connection.ts';
import { hashBytes, joined, messageBytes, placedBytes } from './stored-bytes.ts';

/** Keys looked at, and dropped, at a time. */
const SCAN_COUNT = 1_000;
const NO_MESSAGE = Buffer.alloc(0);
/** Instead of a record placed for a message; see `place_label`. */
const ON_RECORD = Buffer.alloc(0);

type Setting = readonly [key: Buffer, value: Buffer, forMs?: number];

export async function beginRestoration(
  redis: RedisConnection,
  { idWindowMs, labelMs }: Pick<Retention, 'idWindowMs' | 'labelMs'>,
  above: number,
): Promise<Restoration> {
  const { client } = redis;
  const epoch = Number(await redis.call('restore', [redis.key('order'), redis.key('epoch')], [above]));
  const [seconds] = await redis.run(() => client.time());
  const nowMs = Number(seconds) * 1_000;
  const prefix = Buffer.from(redis.key(`${epoch}:`));
  const keyOf = (kind: string, id: Uint8Array | string): Buffer =>
    Buffer.concat([prefix, Buffer.from(kind), typeof id === 'string' ? Buffer.from(id) : id]);
  await dropEpochs(redis, epoch);

  const set = (settings: readonly Setting[]): Promise<void> =>
    redis.run(async () => {
      const pipeline = client.pipeline();
      for (const [key, value, forMs] of settings) {
        if (forMs === undefined) pipeline.set(key, value);
        else if (forMs > 0) pipeline.set(key, value, 'PX', forMs);
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    });

  return {
    epoch,
    histories: (all) => set(all.map(({ key, history }) => [keyOf('p', key), Buffer.from(history)])),
    answered: (decisions) =>
      set(
        decisions.map(({ transactionId, requestHash, place, message }) => {
          const value = Buffer.concat([
            Buffer.from('A'),
            placedBytes({ ...place, frame: new Uint8Array(6) }), // the tables’ version is asked of pending claims only
            hashBytes(requestHash),
            message === undefined ? NO_MESSAGE : messageBytes(message),
          ]);
          return [keyOf('c', transactionId), value, idWindowMs - (nowMs - place.arrivalMs)];
        }),
      ),
    async labels(labels) {
      const settings: Setting[] = [];
      for (const { transactionId, inForce, waiting } of labels) {
        if (inForce !== undefined) {
          settings.push([keyOf('l', transactionId), placedBytes(inForce), labelMs - (nowMs - inForce.arrivalMs)]);
        }
        if (waiting.length > 0) settings.push([keyOf('w', transactionId), joined(waiting)]);
      }
      await set(settings);
      for (const { transactionId, waiting } of labels) {
        const [first] = waiting;
        if (first === undefined) continue;
        await redis.run(() => client.zadd(keyOf('waiting', ''), first.arrivalMs, transactionId));
        const isAnswered = (await redis.run(() => client.exists(keyOf('c', transactionId)))) === 1;
        if (isAnswered) await redis.run(() => client.zadd(keyOf('pending', ''), first.seq, `b${transactionId}`));
      }
    },
    messages: (messages) =>
      set(messages.map(({ message, arrivalMs }) => [keyOf('m', message), ON_RECORD, idWindowMs - (nowMs - arrivalMs)])),
    tables: (version, record) => set([[keyOf('t', String(version)), placedBytes(record)]]),
    inForce: (subject, version) => set([[keyOf('v', subject), Buffer.from(version)]]),
    async open({ seq, arrivalMs }, tablesVersion) {
      const keys = [redis.key('order'), redis.key('epoch')];
      const opened = (await redis.call('open', keys, [epoch, seq, arrivalMs, tablesVersion])) === 1;
      if (opened) redis.setEpoch(epoch);
      return opened;
    },
  };
}

/** Drops all keys of epochs before `epoch`. */
async function dropEpochs(redis: RedisConnection, epoch: number): Promise<void> {
  const base = redis.key('');
  let cursor = '0';
  do {
    const [next, keys] = await redis.run(() =>
      redis.client.scanBuffer(cursor, 'MATCH', `${globbed(base)}[0-9]*`, 'COUNT', SCAN_COUNT),
    );
    cursor = next.toString();
    const old = keys.filter((key) => Number(/^\d+(?=:)/.exec(key.toString('latin1').slice(base.length))?.[0]) < epoch);
    if (old.length > 0) await redis.run(() => redis.client.unlink(...old));
  } while (cursor !== '0');
}

const globbed = (text: string): string => text.replaceAll(/[[\]*?\\]/g, String.raw`\$&`);
