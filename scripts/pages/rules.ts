/** The page about policies and the rule language, made from their tables. */
import { RULE_FUNCTIONS } from '../../src/decisions/expression/functions.ts';
import { symbolTable } from '../../src/decisions/expression/symbols.ts';

/** A policy file that shows every part; a test reads it. */
export const EXAMPLE_POLICY = `base_currency: USD
rates: { EUR: 1.16, GBP: 1.36, JPY: 0.0068 }
thresholds: { review: 0.5, block: 0.7 }
segments:
  - id: large-transfers
    when: transaction_type == "transfer" and amount > 5000
    thresholds: { review: 0.3, block: 0.6 }
rules:
  - id: card-testing
    when: amount < 5 and card_txn_count_1h >= 5
    outcome: review
    reason: Many small payments with one card within an hour
  - id: far-from-home
    when: amount > 1000 and location_country not in ("US", "CA") and device_change_flag == 1
    outcome: block
    shadow: true
    reason: On trial; a large payment abroad from a new device
lists:
  block:
    - { kind: card, id: tok_7f3a, reason: Reported stolen, expires: 2027-01-01T00:00:00Z }
  allow:
    - { kind: user, id: u-100, reason: Our own test account }
fallback: review
costs: { chargeback_fee: 30, review_cost: 12.5, churn_share: 0.15 }
alert_score: 0.6
`;

/** The page docs/reference/rules.md. */
export function rulesReference(): string {
  const fields = [...symbolTable([], 2)].map(([name, { type }]) => `\`${name}\` (${type})`);
  const functions = Object.entries(RULE_FUNCTIONS).map(
    ([name, { parameters, result, sentence }]) => `| \`${name}(${parameters.join(', ')})\` | ${result} | ${sentence} |`,
  );
  return `# Policies and rules

Generated from \`src/decisions/\`. A policy is one file; what it leaves out keeps its default: thresholds those of the model in
production, a threshold of a segment that of the policy. Mistakes are named with their place, in a rule with the column.

\`\`\`yaml
${EXAMPLE_POLICY}\`\`\`

Rates are in units of the base currency. A rule's outcome is \`approve\`, \`review\`, \`block\` or \`tag\`; a shadow rule is judged and
recorded, and decides nothing. Who wins when lists, rules and score disagree:
[ADR 7](../adr/0007-policy-precedence.md).

## The language

From loosest to tightest: \`or\` · \`and\` · \`not\` · one of \`< <= > >= == !=\`, \`in (…)\`, \`not in (…)\`, \`is missing\`,
\`is not missing\` · \`+ -\` · \`* /\` · sign · a name, a number, a \`"text"\`, a function, parentheses.

A comparison with something missing is false, \`!=\` and \`not in\` included; \`not\` turns that into true. Arithmetic with
something missing, and division by zero, is missing.

## Names

Fields of the payment, and the score: ${fields.join(', ')}. \`amount\` is in major units of the base currency, whatever the
payment's currency. Texts are compared as payments on record hold them, letter for letter: \`currency\` and \`location_country\` in
upper case however they were sent, all others as sent, and a token where a card number was.

Every numeric feature of the catalogue is a name too. Where a field and a feature share a name, it means the field.

## Functions

| function | gives | meaning |
|---|---|---|
${functions.join('\n')}
`;
}
