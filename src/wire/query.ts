/** Query strings: each parameter checked, unknown ones refused. */
import { ENTITY_KINDS, type EntityKind } from '../domain/entity.ts';
import { OUTCOMES } from '../domain/outcome.ts';
import { parseRfc3339 } from '../domain/time.ts';
import { type DecisionQuery } from '../ledger/queries.ts';
import { quotableName, readChoice, refuseField } from './read-value.ts';
import { type JsonSchema } from './schema.ts';

/** Parameters as the URL gave them; a repeated one is an array. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

const DEFAULT_PAGE = 50;
const MAX_PAGE = 500;

const ENTITY_PARAMETERS: Readonly<Record<EntityKind, string>> = {
  user: 'user_id',
  card: 'card_id',
  device: 'device_id',
  ip: 'ip_address',
  merchant: 'merchant_id',
};

/** The parameters given, each once; throws INVALID_REQUEST for others and for repeats. */
function readParameters(query: QueryParameters, known: readonly string[]): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) {
      const taken = known.length === 0 ? 'none is taken here' : `known are ${known.join(', ')}`;
      refuseField(quotableName(name), `this parameter is not known; ${taken}`);
    }
    if (typeof value !== 'string') refuseField(name, 'expected once');
    parameters[name] = value;
  }
  return parameters;
}

function readMoment(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const moment = parseRfc3339(text.replace(/ (\d\d:\d\d)$/, '+$1')); // a bare + in a URL arrives as a blank
  if (moment === undefined) refuseField(name, 'expected an RFC 3339 date and time with a zone');
  return moment;
}

function readDecimal(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) refuseField(name, `expected a number from ${low} to ${high}`);
  return value;
}

function readInteger(name: string, text: string | undefined, low: number, high: number): number | undefined {
  const value = readDecimal(name, text, low, high);
  if (value !== undefined && !Number.isInteger(value)) refuseField(name, 'expected an integer');
  return value;
}

function readEntity(
  parameters: Readonly<Record<string, string>>,
  protect: (id: string) => string,
): DecisionQuery['entity'] {
  const kinds = ENTITY_KINDS.filter((kind) => parameters[ENTITY_PARAMETERS[kind]] !== undefined);
  const [kind] = kinds;
  if (kind === undefined) return undefined;
  if (kinds.length > 1) refuseField(ENTITY_PARAMETERS[kinds[1]!], 'expected at most one entity');
  return { kind, id: protect(parameters[ENTITY_PARAMETERS[kind]]!) };
}

export const DECISION_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  outcome: { type: 'string', enum: OUTCOMES, description: 'Only this decision' },
  user_id: { type: 'string', description: 'Only this user; at most one entity may be named' },
  card_id: { type: 'string', description: 'Only this card' },
  device_id: { type: 'string', description: 'Only this device' },
  ip_address: { type: 'string', description: 'Only this IP address' },
  merchant_id: { type: 'string', description: 'Only this merchant' },
  from: { type: 'string', format: 'date-time', description: 'Arrived at or after' },
  to: { type: 'string', format: 'date-time', description: 'Arrived before' },
  min_score: { type: 'number', minimum: 0, maximum: 1, description: 'Scores of at least this, as they are shown' },
  is_fraud: { type: 'string', enum: ['true', 'false'], description: 'Only payments with this label in force' },
  limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: 'Size of the page' },
  cursor: { type: 'string', pattern: '^[0-9]+$', description: 'next_cursor of the page before' },
};

export function readDecisionQuery(query: QueryParameters, protect: (id: string) => string): DecisionQuery {
  const parameters = readParameters(query, Object.keys(DECISION_PARAMETERS));
  const entity = readEntity(parameters, protect);
  const fromMs = readMoment('from', parameters.from);
  const toMs = readMoment('to', parameters.to);
  const minScore = readDecimal('min_score', parameters.min_score, 0, 1);
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs)
    refuseField('from', 'expected a time not after the end');
  const beforeSeq = readInteger('cursor', parameters.cursor, 0, Number.MAX_SAFE_INTEGER);
  const isFraud = parameters.is_fraud;
  return {
    ...(parameters.outcome === undefined ? {} : { outcome: readChoice('outcome', parameters.outcome, OUTCOMES) }),
    ...(entity === undefined ? {} : { entity }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(minScore === undefined ? {} : { minScore }),
    ...(isFraud === undefined ? {} : { isFraud: readChoice('is_fraud', isFraud, ['true', 'false']) === 'true' }),
    ...(beforeSeq === undefined ? {} : { beforeSeq }),
    limit: readInteger('limit', parameters.limit, 1, MAX_PAGE) ?? DEFAULT_PAGE,
  };
}

export const PERIOD_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  from: { type: 'string', format: 'date-time', description: 'Start; 24 hours before the end when absent' },
  to: {
    type: 'string',
    format: 'date-time',
    description: 'End, not included; when absent now, or just behind the newest decision where the clock was set back',
  },
};

/** The period asked for: the `defaultMs` before `endMs` when nothing is said. */
export function readPeriod(
  query: QueryParameters,
  endMs: number,
  defaultMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const parameters = readParameters(query, Object.keys(PERIOD_PARAMETERS));
  const toMs = readMoment('to', parameters.to) ?? endMs;
  const fromMs = readMoment('from', parameters.from) ?? toMs - defaultMs;
  if (fromMs >= toMs) refuseField('from', 'expected a time before the end');
  return { fromMs, toMs };
}

export function readNoParameters(query: QueryParameters): void {
  readParameters(query, []);
}
