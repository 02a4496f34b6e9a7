import { describe, expect, it } from 'vitest';
import { type Label } from '../../src/domain/label.ts';
import { decodeFold, encodeFold } from '../../src/usecases/fold-bytes.ts';
import { createFold, type Fold } from '../../src/usecases/fold.ts';
import { anEngine } from '../support/engines.ts';
import { aLabelRecord } from '../support/journal-records.ts';

const aFold = (): Fold => createFold(anEngine());

/** A snapshot of `fold` as an earlier version left it: with `labels` waiting. */
function withWaiting(fold: Fold, labels: readonly Label[]): Uint8Array {
  const bytes = Buffer.from(fold.snapshot());
  const length = bytes.readUInt32LE(0);
  const head = { ...JSON.parse(bytes.toString('utf8', 4, 4 + length)), waiting: [['early', labels]] };
  const json = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(json.length);
  return Buffer.concat([size, json, bytes.subarray(4 + length)]);
}

describe('labels that wait in the fold', () => {
  it('are the latest of each source, however many came', () => {
    const fold = aFold();
    const say = (seq: number, source: Label['source'], isFraud: boolean): void =>
      fold.apply(aLabelRecord(seq, { transactionId: 'early', source, isFraud }));
    say(1, 'chargeback', true);
    for (let seq = 2; seq <= 1_001; seq++) say(seq, seq % 2 === 0 ? 'customer' : 'analyst', seq % 3 === 0);
    const waiting = fold.waitingLabels('early');
    expect(waiting.map(({ source, isFraud }) => [source, isFraud])).toEqual([
      ['chargeback', true],
      ['customer', false],
      ['analyst', false],
    ]);
  });

  it('are so too after a snapshot in which more of them wait', () => {
    const fold = aFold();
    const labels = [1, 2, 3].map((seq) => aLabelRecord(seq, { transactionId: 'early', isFraud: seq === 3 }).label);
    fold.restore(withWaiting(aFold(), labels));
    expect(fold.waitingLabels('early')).toEqual([labels[2]]);
  });
});

it('comes back from its bytes with more labels than one text holds, and from those of an earlier version', () => {
  const label: Label = { transactionId: 't', isFraud: true, source: 'analyst', arrivalMs: 5 };
  const inForce = new Map(Array.from({ length: 100_001 }, (_, i) => [`t${i}`, { ...label, transactionId: `t${i}` }]));
  const state = { seq: 9, arrivalMs: 5, inForce, waiting: new Map([['early', [label]]]), versions: new Map(), runs: new Set(['r1']) }; // prettier-ignore
  const engineBytes = Uint8Array.of(1, 2, 3);
  const bytes = encodeFold(state, engineBytes);
  expect(decodeFold(bytes)).toEqual({ state, engineBytes });
  expect(decodeFold(bytes).engineBytes.byteOffset % 8).toBe(0);
  const { parts } = JSON.parse(Buffer.from(bytes).toString('utf8', 4, 4 + Buffer.from(bytes).readUInt32LE(0))) as { parts: number[] }; // prettier-ignore
  expect(parts).toHaveLength(2);

  const head = Buffer.from(
    JSON.stringify({ seq: 9, arrivalMs: 5, inForce: [['t', label]], waiting: [], versions: [] }),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  expect(decodeFold(Buffer.concat([size, head, engineBytes]))).toMatchObject({
    state: { seq: 9, inForce: new Map([['t', label]]), runs: new Set() },
    engineBytes: Buffer.from(engineBytes),
  });
});
