/** Probability, rules, lists and thresholds → the decision on one payment. */
import { decimalsOf } from '../domain/money.ts';
import { mostSevere, type Outcome, type RiskLevel } from '../domain/outcome.ts';
import { type Transaction } from '../domain/transaction.ts';
import { compileCondition, type Condition } from './expression/compile.ts';
import { type FeatureName, type RuleInput, symbolTable } from './expression/symbols.ts';
import { createListMatcher } from './lists.ts';
import { type Policy, type Thresholds } from './policy.ts';
import { type RuleOutcome } from './rule.ts';

export interface DecisionInput extends RuleInput {
  /** The payment's arrival, epoch milliseconds: list entries expire by it, so a replay decides the same. */
  readonly arrivalMs: number;
}

export interface DecisionVerdict {
  readonly outcome: Outcome;
  /** By the score: low below review, medium below block, high from block; critical when a block rule or the block list fired. */
  readonly riskLevel: RiskLevel;
  /** Ids of the rules that fired in policy order, shadow rules marked by a leading `~`; `block-list:card` for a list. */
  readonly rules: readonly string[];
  /** Someone should be told: blocked, or reviewed at or above the policy's alert score. */
  readonly alert: boolean;
}

export interface Decider {
  /** The decision on a scored payment. Throws RangeError when the probability is not within 0..1; use `fallback` then. */
  readonly decide: (input: DecisionInput) => DecisionVerdict;
  /**
   * The decision when scoring failed: the policy's fallback, made more severe by the block list and by rules that read the
   * payment alone. Only the allow list makes it less so, as it needs no score.
   */
  readonly fallback: (payment: {
    readonly transaction: Transaction;
    readonly amountBaseMinor: number;
    readonly arrivalMs: number;
  }) => DecisionVerdict;
}

interface CompiledRule {
  readonly condition: Condition;
  readonly outcome: RuleOutcome;
  readonly shadow: boolean;
  /** As recorded. */
  readonly name: string;
}

const NO_RULES: readonly string[] = [];
const NOTHING = new Float64Array(0);

/** Whether someone should be told of the decision; `probability` is absent when scoring failed. */
export function raisesAlert(
  outcome: Outcome,
  probability: number | undefined,
  { alertScore }: Pick<Policy, 'alertScore'>,
): boolean {
  return outcome === 'block' || (outcome === 'review' && probability !== undefined && probability >= alertScore);
}

/**
 * Compiles `policy` over the features of a catalogue. Precedence, the first that applies: block list, block rule, allow
 * list, review rule (or the score's outcome if more severe), approve rule, the score against the thresholds.
 * Throws POLICY_INVALID for a rule or segment that does not fit the catalogue.
 */
export function createDecider(policy: Policy, features: readonly FeatureName[]): Decider {
  const symbols = symbolTable(features, decimalsOf(policy.rates.base));
  const segments = policy.segments.map(({ when, thresholds }, index) => ({
    thresholds,
    holds: compileCondition({ text: when, place: `segments[${index}].when` }, symbols).holds,
  }));
  const rules = policy.rules.map(({ id, when, outcome, shadow }, index): CompiledRule => ({
    condition: compileCondition({ text: when, place: `rules[${index}].when` }, symbols),
    outcome,
    shadow,
    name: shadow ? `~${id}` : id,
  }));
  const paymentRules = rules.filter(({ condition }) => !condition.scored);
  const blockList = createListMatcher(policy.lists.block);
  const allowList = createListMatcher(policy.lists.allow);

  const thresholdsFor = (input: RuleInput): Thresholds => {
    for (const segment of segments) if (segment.holds(input)) return segment.thresholds;
    return policy.thresholds;
  };

  const decide = (
    input: DecisionInput,
    byScore: Outcome,
    judged: readonly CompiledRule[],
    scored: boolean,
  ): DecisionVerdict => {
    let fired: string[] | undefined;
    let blockRule = false;
    let reviewRule = false;
    let approveRule = false;
    const note = (name: string): void => {
      if (fired === undefined) fired = [name];
      else fired.push(name);
    };
    const blockedKind = blockList(input.transaction, input.arrivalMs);
    const allowedKind = allowList(input.transaction, input.arrivalMs);
    if (blockedKind !== undefined) note(`block-list:${blockedKind}`);
    if (allowedKind !== undefined) note(`allow-list:${allowedKind}`);
    for (const rule of judged) {
      if (!rule.condition.holds(input)) continue;
      note(rule.name);
      if (rule.shadow) continue;
      if (rule.outcome === 'block') blockRule = true;
      else if (rule.outcome === 'review') reviewRule = true;
      else if (rule.outcome === 'approve') approveRule = true;
    }
    const critical = blockedKind !== undefined || blockRule;
    let outcome = byScore;
    if (critical) outcome = 'block';
    else if (allowedKind !== undefined) outcome = 'approve';
    else if (reviewRule) outcome = mostSevere('review', byScore);
    else if (approveRule && scored) outcome = 'approve';
    return {
      outcome,
      riskLevel: critical ? 'critical' : RISK_OF[byScore],
      rules: fired ?? NO_RULES,
      alert: raisesAlert(outcome, scored ? input.probability : undefined, policy),
    };
  };

  return {
    decide: (input) => {
      const { probability } = input;
      if (!(probability >= 0 && probability <= 1))
        throw new RangeError(`probability ${probability} is not within 0..1`);
      const { review, block } = segments.length === 0 ? policy.thresholds : thresholdsFor(input);
      const byScore = probability >= block ? 'block' : probability >= review ? 'review' : 'approve';
      return decide(input, byScore, rules, true);
    },
    fallback: (payment) =>
      decide({ ...payment, vector: NOTHING, probability: NaN }, policy.fallback, paymentRules, false),
  };
}

const RISK_OF: Readonly<Record<Outcome, RiskLevel>> = { approve: 'low', review: 'medium', block: 'high' };
