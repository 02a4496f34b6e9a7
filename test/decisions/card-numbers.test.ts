import { describe, expect, it } from 'vitest';
import { refuseCardNumbers } from '../../src/decisions/card-numbers.ts';
import { aPolicy } from '../support/policies.ts';

const PAN = '4111111111111111';
const aRule = { id: 'r', when: 'amount > 0', outcome: 'tag', reason: 'known' };
const anEntry = { kind: 'card', id: 'tok_1', reason: 'stolen' };

describe('a card number in a policy', () => {
  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ lists: { block: [anEntry, { ...anEntry, id: PAN }] } }, 'lists.block[1].id'],
    [{ lists: { block: [{ ...anEntry, reason: 'Bank says 4111 1111 1111 1111' }] } }, 'lists.block[0].reason'],
    [{ lists: { allow: [{ ...anEntry, kind: 'user', id: `u-${PAN}` }] } }, 'lists.allow[0].id'],
    [{ rules: [{ ...aRule, when: `amount > 1 and card_id in ("c", "${PAN}")` }] }, 'rules[0].when'],
    [{ rules: [aRule, { ...aRule, id: 'q', reason: PAN }] }, 'rules[1].reason'],
    [{ segments: [{ id: 's', when: `card_id == "${PAN}"` }] }, 'segments[0].when'],
  ])('is refused with its place, and not repeated: %j', (value, place) => {
    const policy = aPolicy(value);
    expect(() => refuseCardNumbers(policy)).toThrow(`Policy, ${place}: this is a card number`);
    expect(() => refuseCardNumbers(policy)).not.toThrow(PAN);
  });

  it('is not seen in tokens, ids that programs make and plain numbers', () => {
    const ids = ['pan_1_0123456789abcdef0123456789abcdef', '41111111-1111-4111-8111-111111111111', '4111111111111112'];
    refuseCardNumbers(
      aPolicy({
        rules: [{ ...aRule, when: `amount > ${PAN}` }],
        lists: { block: ids.map((id) => ({ ...anEntry, id })) },
      }),
    );
  });
});
