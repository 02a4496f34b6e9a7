import { beforeEach, describe, expect, it } from 'vitest';
import { type LabelRecord } from '../../src/journal/record.ts';
import { type LabelRequest } from '../../src/usecases/record-label.ts';
import { type BegunLabel } from '../../src/usecases/record-shared-label.ts';
import { createLabelHandler } from '../../src/worker/label-handler.ts';
import { SentinelError } from '../../src/domain/errors.ts';
import { type StreamHandler } from '../../src/ports/transaction-stream.ts';
import { aMessage } from '../support/streams.ts';

const aLabel = (id: string, overrides: object = {}): object => ({
  transaction_id: id,
  is_fraud: true,
  source: 'analyst',
  ...overrides,
});

describe('labels that come as messages', () => {
  let begun: string[];
  let names: (string | undefined)[];
  let confirmed: number[];
  let onRecord: string | undefined;
  let handler: StreamHandler;

  /** Takes longer for the first label than for any other. */
  const begin = async (request: LabelRequest, message?: string): Promise<BegunLabel | undefined> => {
    names.push(message);
    if (message === onRecord) return undefined;
    const seq = begun.push(`${request.transactionId} begins`);
    await new Promise((resolve) => setTimeout(resolve, seq === 1 ? 20 : 0));
    begun.push(`${request.transactionId} has its place`);
    const label = { ...request, arrivalMs: 5 };
    const record: LabelRecord = { type: 'label', seq, arrivalMs: 5, label };
    const receipt = { transactionId: request.transactionId, status: 'waiting', inForce: label } as const;
    return { record, epoch: 1, receipt, confirm: async () => void confirmed.push(seq) };
  };

  beforeEach(() => {
    begun = [];
    names = [];
    confirmed = [];
    onRecord = undefined;
    handler = createLabelHandler({
      labels: { begin },
      protect: (id) => `protected ${id}`,
      confirmEpoch: (epoch) => (epoch === 1 ? Promise.resolve() : Promise.reject(new SentinelError('OVERLOADED'))),
      onUnconfirmed: () => undefined,
    });
  });

  it('become records, sent nowhere, confirmed once they are committed', async () => {
    const handled = await handler([aMessage(aLabel('a')), aMessage(aLabel('b', { campaign: 'ring' }))]);
    expect(handled.outcomes).toMatchObject([
      { kind: 'handled', sends: [], records: [{ label: { transactionId: 'protected a' } }] },
      { kind: 'handled', sends: [], records: [{ label: { transactionId: 'protected b', campaign: 'ring' } }] },
    ]);
    await handled.check();
    expect(confirmed).toEqual([]);
    await handled.committed();
    expect(confirmed).toHaveLength(2);
  });

  it('are named by their places, the same whenever they come, others in a topic made anew', async () => {
    const message = aMessage(aLabel('a'), { partition: 3, offset: 8, timestampMs: 1_000 });
    await handler([message]);
    await handler([message]);
    await handler([{ ...message, timestampMs: 2_000 }]);
    expect(names[0]).toBeDefined();
    expect(names[1]).toBe(names[0]);
    expect(names[2]).not.toBe(names[0]);
  });

  it('are done with, and recorded no more, when they are known to be on record', async () => {
    const message = aMessage(aLabel('a'), { partition: 3, offset: 8, timestampMs: 1_000 });
    await handler([message]);
    onRecord = names[0];
    const handled = await handler([message, aMessage(aLabel('b'))]);
    expect(handled.outcomes).toMatchObject([
      { kind: 'handled', sends: [], records: [] },
      { kind: 'handled', sends: [], records: [{ label: { transactionId: 'protected b' } }] },
    ]);
    await handled.check();
    await handled.committed();
    expect(confirmed).toHaveLength(1);
    const alone = await handler([message]);
    expect(alone.outcomes).toEqual([{ kind: 'handled', sends: [], records: [] }]);
    await alone.check();
    await alone.committed();
  });

  it('of one payment are begun one after the other, of others side by side', async () => {
    await handler([aMessage(aLabel('a')), aMessage(aLabel('a', { is_fraud: false })), aMessage(aLabel('b'))]);
    expect(begun.slice(0, 2)).toEqual(['protected a begins', 'protected b begins']);
    const ofA = begun.filter((line) => line.startsWith('protected a'));
    expect(ofA).toEqual(['begins', 'has its place', 'begins', 'has its place'].map((word) => `protected a ${word}`));
  });

  it('are dead letters when they cannot be read', async () => {
    const { outcomes } = await handler([
      aMessage('no label'),
      aMessage(aLabel('a', { source: 'hearsay' })),
      aMessage({ labels: [aLabel('a')] }),
      aMessage(aLabel('a'), { schemaVersion: '9' }),
    ]);
    expect(outcomes).toMatchObject([
      { kind: 'dead', reason: 'INVALID_JSON' },
      { kind: 'dead', reason: 'INVALID_REQUEST' },
      { kind: 'dead', reason: 'INVALID_REQUEST' },
      { kind: 'dead', reason: 'INVALID_REQUEST' },
    ]);
    expect(begun).toEqual([]);
  });
});
