import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestSilence } from '../../../bench/faults/silence.ts';
import { type Errand, trafficOf } from '../../../bench/faults/traffic.ts';
import { NOON_MS } from '../../support/transactions.ts';

function some(seed: number, count: number): Errand[] {
  const payments = trafficOf({ seed, perSecond: 50, beginMs: NOON_MS });
  return Array.from({ length: count }, () => payments.next().value as readonly Errand[]).flat();
}

describe('the traffic', () => {
  const errands = some(7, 2_000);
  const payments = errands.filter(({ to }) => to === 'transactions');

  it('is the same for the same seed', () => {
    expect(some(7, 50)).toEqual(some(7, 50));
    expect(some(8, 50)).not.toEqual(some(7, 50));
  });

  it('asks for a payment again with the very same content, both ways', () => {
    const byBody = new Map<string, Errand[]>();
    for (const errand of payments) byBody.set(errand.body, [...(byBody.get(errand.body) ?? []), errand]);
    const repeated = [...byBody.values()].filter(({ length }) => length > 1);
    expect(repeated.length).toBeGreaterThan(100);
    expect(repeated.some((all) => new Set(all.map(({ way }) => way)).size === 2)).toBe(true);
    const ids = new Set(payments.flatMap(({ body }) => (JSON.parse(body) as { transaction_id?: string }).transaction_id ?? [])); // prettier-ignore
    const named = new Set(payments.filter(({ body }) => body.includes('transaction_id')).map(({ body }) => body));
    expect(ids.size).toBe(named.size);
  });

  it('leaves only messages without an id of their own', () => {
    const nameless = payments.filter(({ body }) => !body.includes('transaction_id'));
    expect(nameless.length).toBeGreaterThan(5);
    expect(nameless.every(({ way }) => way === 'topic')).toBe(true);
  });

  it('labels some payments before they come, and names each label by its campaign', () => {
    const paidAt = new Map(payments.map(({ body, dueMs }) => [(JSON.parse(body) as { transaction_id?: string }).transaction_id, dueMs])); // prettier-ignore
    const labels = errands.filter(({ to }) => to === 'labels');
    const early = labels.filter(({ key, dueMs }) => dueMs < paidAt.get(key)!);
    expect(early.length).toBeGreaterThan(10);
    expect(early.length).toBeLessThan(labels.length / 2);
    const bodies = new Map(labels.map(({ body }) => [(JSON.parse(body) as { campaign: string }).campaign, body]));
    expect(bodies.size).toBe(new Set(labels.map(({ body }) => body)).size);
  });
});

describe('the longest silence', () => {
  it('runs from the moment to the next event, and from one event to the next', () => {
    expect(longestSilence([0, 10, 15, 40, 41], 12, 60)).toBe(25);
    expect(longestSilence([0, 100], 20, 30)).toBe(80);
    expect(longestSilence([0, 10], 10, 30)).toBe(0);
  });

  it('leaves out gaps that begin behind the end', () => {
    expect(longestSilence([0, 10, 20, 500], 5, 20)).toBe(10);
    expect(longestSilence([0, 10, 20, 500], 5, 21)).toBe(480);
  });

  it('is never longer than from the moment to the last event', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), fc.nat(1_000), (times, from, length) => {
        const sorted = [...times].sort((a, b) => a - b);
        const silence = longestSilence(sorted, from, from + length);
        expect(silence).toBeGreaterThanOrEqual(0);
        expect(silence).toBeLessThanOrEqual(Math.max(0, (sorted.at(-1) ?? 0) - from));
      }),
    );
  });
});
