/** An unknown value, as a YAML or JSON file gives it → a policy, or the place that is wrong. */
import { type Costs } from '../domain/costs.ts';
import { decimalsOf, type RateTable } from '../domain/money.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { readLists } from './lists.ts';
import { createPolicy, DEFAULT_TERMS, type HashText, type Policy, type Segment, type Thresholds } from './policy.ts';
import { type Fields, invalid, readChoice, readFields, readId, readList, readNumber, refuseRepeats } from './read.ts';
import { readCondition, readRule } from './rule.ts';

const CURRENCY = /^[A-Z]{3}$/;
/** Features turn base-currency minor units into major ones by a hundred. */
const BASE_DECIMALS = 2;

/**
 * What is absent keeps its default; thresholds keep `otherwise`, those a model was trained to where there is one. Throws
 * POLICY_INVALID with the place of the first mistake.
 */
export function readPolicy(
  value: unknown,
  hashText: HashText,
  otherwise: Thresholds = DEFAULT_TERMS.thresholds,
): Policy {
  const fields = withoutEmpty(
    readFields(value, '', [
      'base_currency',
      'rates',
      'thresholds',
      'segments',
      'rules',
      'lists',
      'fallback',
      'costs',
      'alert_score',
    ]),
  );
  const { fallback, alert_score: alertScore } = fields;
  const thresholds = readThresholds(fields.thresholds, 'thresholds', otherwise, 'the model');
  const segments = readList(fields.segments, 'segments', (segment, place) => readSegment(segment, place, thresholds));
  const rules = readList(fields.rules, 'rules', readRule);
  refuseRepeats(segments, 'segments', ({ id }) => id);
  refuseRepeats(rules, 'rules', ({ id }) => id);
  return createPolicy(
    {
      rates: readRates(fields.base_currency, fields.rates),
      thresholds,
      segments,
      rules,
      lists: readLists(fields.lists, 'lists'),
      fallback: fallback === undefined ? DEFAULT_TERMS.fallback : readChoice(fallback, 'fallback', OUTCOMES),
      costs: readCosts(fields.costs),
      alertScore: alertScore === undefined ? DEFAULT_TERMS.alertScore : readNumber(alertScore, 'alert_score', 0, 1),
    },
    hashText,
  );
}

/** A section whose lines are all commented out is null in YAML: as absent as one that is not there. */
function withoutEmpty<Key extends string>(fields: Fields<Key>): Fields<Key> {
  return Object.fromEntries(Object.entries(fields).filter(([, section]) => section !== null)) as Fields<Key>;
}

/** Rates given replace the default table as a whole: half of one table and half of another fit no base. */
function readRates(base: unknown, rates: unknown): RateTable {
  const { rates: defaults } = DEFAULT_TERMS;
  if (base !== undefined && (typeof base !== 'string' || !CURRENCY.test(base))) {
    throw invalid('base_currency', 'expected an ISO 4217 code such as USD');
  }
  if (base !== undefined && decimalsOf(base) !== BASE_DECIMALS) {
    throw invalid('base_currency', `${base} does not count in hundredths, as the features do`);
  }
  if (rates === undefined) {
    if (base === undefined || base === defaults.base) return defaults;
    throw invalid('rates', `needed, because the default rates are in ${defaults.base} and the base is ${base}`);
  }
  const given = Object.entries(readFields(rates, 'rates', Object.keys(rates ?? {})));
  const own = base ?? defaults.base;
  return {
    base: own,
    rates: Object.fromEntries(
      given.map(([currency, rate]) => {
        const place = `rates.${currency}`;
        if (!CURRENCY.test(currency)) throw invalid(place, 'expected an ISO 4217 code such as EUR');
        if (currency === own && rate !== 1) throw invalid(place, 'the base currency is worth 1 of itself');
        return [currency, readNumber(rate, place, Number.MIN_VALUE, Infinity)];
      }),
    ),
  };
}

/** `otherwise` are those of `whose`: what the place does not name. */
function readThresholds(value: unknown, place: string, otherwise: Thresholds, whose: string): Thresholds {
  const fields = readFields(value, place, ['review', 'block']);
  const threshold = (name: keyof Thresholds): number =>
    fields[name] === undefined ? otherwise[name] : readNumber(fields[name], `${place}.${name}`, 0, 1);
  const [review, block] = [threshold('review'), threshold('block')];
  if (review >= block) {
    const absent = (['review', 'block'] as const).filter((name) => fields[name] === undefined);
    const told = absent.length === 0 ? '' : `; ${absent.join(' and ')}, not named here, as ${whose} has it`;
    throw invalid(place, `review (${review}) must be below block (${block})${told}`);
  }
  return { review, block };
}

/** A segment overrides: the threshold it does not name is the policy's. */
function readSegment(value: unknown, place: string, thresholds: Thresholds): Segment {
  const fields = readFields(value, place, ['id', 'when', 'thresholds']);
  return {
    id: readId(fields.id, `${place}.id`),
    when: readCondition(fields.when, `${place}.when`),
    thresholds: readThresholds(fields.thresholds, `${place}.thresholds`, thresholds, 'the policy'),
  };
}

function readCosts(value: unknown): Costs {
  const fields = readFields(value, 'costs', ['chargeback_fee', 'review_cost', 'churn_share']);
  const cost = (name: keyof typeof fields, otherwise: number, maximum: number): number =>
    fields[name] === undefined ? otherwise : readNumber(fields[name], `costs.${name}`, 0, maximum);
  const { chargebackFee, reviewCost, churnShare } = DEFAULT_TERMS.costs;
  return {
    chargebackFee: cost('chargeback_fee', chargebackFee, Infinity),
    reviewCost: cost('review_cost', reviewCost, Infinity),
    churnShare: cost('churn_share', churnShare, 1),
  };
}
