/** Refuses a policy that names a card number: payments are decided with a token in its place, so it would never be met. */
import { maskPans } from '../domain/pan.ts';
import { tokenize } from './expression/tokens.ts';
import { type ListEntry } from './lists.ts';
import { type Policy } from './policy.ts';
import { invalid } from './read.ts';

/**
 * Throws POLICY_INVALID with the place. Not for policies on record: one that an earlier version took in must stay readable,
 * or what it decided could not be proved.
 */
export function refuseCardNumbers({ segments, rules, lists }: Pick<Policy, 'segments' | 'rules' | 'lists'>): void {
  const refuseIn = (text: string, place: string): void => {
    if (maskPans(text) === text) return;
    throw invalid(
      place,
      'this is a card number: payments carry a token in its place, and a policy is kept in the journal; name the token, as the decisions on the card show it',
    );
  };
  const refuseInCondition = (text: string, place: string): void => {
    for (const { kind, value } of tokenize({ text, place })) if (kind === 'text') refuseIn(value, place);
  };
  const refuseInList = (entries: readonly ListEntry[], place: string): void =>
    entries.forEach(({ id, reason }, index) => {
      refuseIn(id, `${place}[${index}].id`);
      refuseIn(reason, `${place}[${index}].reason`);
    });
  segments.forEach(({ when }, index) => refuseInCondition(when, `segments[${index}].when`));
  rules.forEach(({ when, reason }, index) => {
    refuseInCondition(when, `rules[${index}].when`);
    refuseIn(reason, `rules[${index}].reason`);
  });
  refuseInList(lists.block, 'lists.block');
  refuseInList(lists.allow, 'lists.allow');
}
