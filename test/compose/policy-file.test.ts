/** What a policy file is refused for beside its form: what could never be met, and what would stop the ledger. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPolicyFile } from '../../src/compose/inputs.ts';
import { type Policy } from '../../src/decisions/policy.ts';
import { MAX_AMOUNT_MAJOR, toBaseMinor, toMinor } from '../../src/domain/money.ts';
import { binaryArray } from '../../src/adapters/postgres/binary-array.ts';

function given(text: string): Policy | undefined {
  const policyFile = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.yaml');
  writeFileSync(policyFile, text);
  return readPolicyFile({ policyFile });
}
const listed = (name: string, id: string): string =>
  `lists: { ${name}: [{ kind: ip, id: '203.0.113.7', reason: r }, { kind: ip, id: '${id}', reason: r }] }`;

it.each(['10.0.0.0/8', '10.0.*', 'fe80::1%eth0', ' 203.0.113.8', '203.0.113.08', 'bad.example'])(
  'refuses the list entry %s, from which no payment can come, with its place',
  (id) => {
    expect(() => given(listed('block', id))).toThrow(`Policy, lists.block[1].id: ${id} is no IPv4 or IPv6 address`);
    expect(() => given(listed('allow', id))).toThrow(`Policy, lists.allow[1].id: ${id} is no IPv4 or IPv6 address`);
  },
);

it('takes addresses of both kinds, and names of other entities as they are', () => {
  expect(given(listed('block', '2001:db8::1'))?.lists.block).toHaveLength(2);
  expect(given("lists: { block: [{ kind: user, id: '10.0.0.0/8', reason: r }] }")?.lists.block).toHaveLength(1);
});

it('takes rates up to the one at which the ledger holds the largest payment, and refuses higher ones', () => {
  const policy = given('rates: { KWD: 9223372 }')!;
  const largest = toBaseMinor(toMinor(MAX_AMOUNT_MAJOR, 'KWD')!, 'KWD', policy.rates)!;
  expect(() => binaryArray('int8', [largest])).not.toThrow();
  expect(() => given('rates: { EUR: 1.16, KWD: 9223373 }')).toThrow(
    'Policy, rates.KWD: expected a number above 0 and at most 9223372, got 9223373',
  );
  expect(() => given('rates: { EUR: 1e300 }')).toThrow('rates.EUR: expected a number above 0 and at most 9223372');
});
