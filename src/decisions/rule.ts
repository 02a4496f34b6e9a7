/** A rule: a condition of the policy and what follows when a payment meets it. */
import { type Outcome, OUTCOMES } from '../domain/outcome.ts';
import { parseExpression } from './expression/parse.ts';
import { invalid, readChoice, readFields, readFlag, readId, readText } from './read.ts';

/** `tag` marks the payment and decides nothing. */
const RULE_OUTCOMES = [...OUTCOMES, 'tag'] as const;
export type RuleOutcome = Outcome | 'tag';

export interface Rule {
  readonly id: string;
  /** In the rule language, see expression/parse.ts. */
  readonly when: string;
  readonly outcome: RuleOutcome;
  /** A shadow rule is judged and recorded, and decides nothing. */
  readonly shadow: boolean;
  /** Why the rule is there, in words an analyst understands. */
  readonly reason: string;
}

/** Throws POLICY_INVALID; the names in the condition are checked where the catalogue is known, by `createDecider`. */
export function readRule(value: unknown, place: string): Rule {
  const fields = readFields(value, place, ['id', 'when', 'outcome', 'shadow', 'reason']);
  return {
    id: readId(fields.id, `${place}.id`),
    when: readCondition(fields.when, `${place}.when`),
    outcome: readChoice(fields.outcome, `${place}.outcome`, RULE_OUTCOMES),
    shadow: fields.shadow === undefined ? false : readFlag(fields.shadow, `${place}.shadow`),
    reason: readText(fields.reason, `${place}.reason`),
  };
}

/** The text of a condition whose grammar is right. */
export function readCondition(value: unknown, place: string): string {
  if (typeof value !== 'string') throw invalid(place, 'expected a condition in the rule language');
  parseExpression({ text: value, place });
  return value;
}
