/** The API reference of the documentation, in Markdown, made from the same tables as OpenAPI. */
import { ROUTE_PERMISSIONS } from '../access/permissions.ts';
import { HOLDERS } from '../access/roles.ts';
import { PAYMENT_FIELDS, type PaymentField, paymentFieldSchema } from '../wire/payment-fields.ts';
import { DECISION_MEMBERS } from '../wire/decision.ts';
import { type JsonSchema } from '../wire/schema.ts';
import { problemsOf, ROUTE_NAMES } from './openapi.ts';
import { ROUTES } from './route-catalogue.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1)!;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  return [schema.type ?? 'any'].flat().join(' or ');
}

function requestTable(): string {
  const fields: [string, PaymentField][] = Object.entries(PAYMENT_FIELDS);
  const ordered = [...fields.filter(([, field]) => field.required), ...fields.filter(([, field]) => !field.required)];
  const rows = ordered.map(([name, field]) => {
    const schema = paymentFieldSchema(field);
    const bounds = field.bounds === undefined ? '' : `${field.bounds[0]}–${field.bounds[1]}`;
    return `| \`${name}\` | ${field.required ? 'yes' : ''} | ${typeOf(schema)} | ${bounds} | ${cell(field.description)} |`;
  });
  return ['| field | required | type | bounds | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

function answerTable(): string {
  const rows = Object.entries(DECISION_MEMBERS).map(
    ([name, schema]) => `| \`${name}\` | ${cell(typeOf(schema))} | ${cell(schema.description ?? '')} |`,
  );
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

function routeSection(name: (typeof ROUTE_NAMES)[number]): string {
  const entry = ROUTES[name];
  const permission = ROUTE_PERMISSIONS[name];
  const problems = [...problemsOf(name)]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) => `${status} ${codes.map((code) => `\`${code}\``).join(', ')}`);
  const parameters = Object.entries({ ...entry.path, ...entry.query }).map(
    ([parameter, schema]) => `- \`${parameter}\`: ${schema.description ?? ''}`,
  );
  return [
    `### \`${name}\``,
    '',
    `${entry.summary}. ${entry.description ?? ''}`.trim(),
    '',
    ...(parameters.length === 0 ? [] : [...parameters, '']),
    `Who: ${permission === 'public' ? 'anyone' : HOLDERS[permission].join(', ')}. Problems: ${problems.join('; ')}.`,
  ].join('\n');
}

/** `docs/reference/api.md`. */
export function apiReference(): string {
  const tags = [...new Set(ROUTE_NAMES.map((name) => ROUTES[name].tag))];
  return [
    '# API',
    '',
    'Generated from the route catalogue; `/openapi.json`, `/docs` and `/redoc` of a running service say the same.',
    '',
    '## The payment',
    '',
    'Optional fields may be left out or null; other fields are refused. A card number in an id is replaced by a keyed token, elsewhere it is masked.',
    '',
    requestTable(),
    '',
    '## The answer',
    '',
    answerTable(),
    '',
    ...tags.flatMap((tag) => [
      `## ${tag}`,
      '',
      ...ROUTE_NAMES.filter((name) => ROUTES[name].tag === tag).flatMap((name) => [routeSection(name), '']),
    ]),
  ].join('\n');
}
