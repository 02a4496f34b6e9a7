/** The API description as one page to read and print: no script, nothing loaded from elsewhere. */
import { type JsonSchema } from '../wire/schema.ts';
import { type OpenApiDocument, type Operation } from './openapi.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);
/** Words between backticks are code. */
const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 16rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); box-sizing: border-box; }
nav ul { list-style: none; padding: 0; } nav a { text-decoration: none; }
main { padding: 1rem 2rem; max-width: 60rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; } td:first-child code { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid var(--line); }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } }
@media print { nav { display: none; } body { display: block; } }
`;

/** A schema in a few words, with links to named ones. */
function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return `<a href="#schema-${name}">${name}</a>`;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined && choices.every((choice) => choice.format === undefined)) {
    return choices.map(typeOf).join(' or ');
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `<code>${escape(String(value))}</code>`).join(' ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  const types = schema.type === undefined ? 'any' : [schema.type].flat().join(' or ');
  return escape(schema.format === undefined ? types : `${types} (${schema.format})`);
}

/** `1 to 100 characters`, with either end left out where there is none. */
function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === undefined) return most === undefined ? '' : `at most ${most}${unit}`;
  return most === undefined ? `at least ${least}${unit}` : `${least} to ${most}${unit}`;
}

function boundsOf(schema: JsonSchema): string {
  const bounds = [
    schema.exclusiveMinimum === undefined ? '' : `above ${schema.exclusiveMinimum}`,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' entries'),
    schema.default === undefined ? '' : `default ${String(schema.default)}`,
  ];
  return bounds.filter((bound) => bound !== '').join(', ');
}

/** The object within a member that has no name of its own, and how its members are written after it. */
function within(schema: JsonSchema): readonly [JsonSchema, string] | undefined {
  if (schema.properties !== undefined) return [schema, '.'];
  return schema.items?.properties === undefined ? undefined : [schema.items, '[].'];
}

function memberRows(schema: JsonSchema, prefix: string): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const meaning = [member.description ?? '', boundsOf(member)].filter((part) => part !== '').join('; ');
    const inner = within(member);
    return (
      `<tr><td><code>${escape(prefix + name)}</code>${required.has(name) ? '' : ' (optional)'}</td>` +
      `<td>${typeOf(member)}</td><td>${prose(meaning)}</td></tr>` +
      (inner === undefined ? '' : memberRows(inner[0], prefix + name + inner[1]))
    );
  });
  return rows.join('');
}

function membersTable(schema: JsonSchema): string {
  if (schema.properties === undefined) return `<p>${typeOf(schema)}</p>`;
  return `<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>${memberRows(schema, '')}</table>`;
}

function operationSection(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<tr><td><code>${escape(parameter.name)}</code> (${parameter.in}${parameter.required ? '' : ', optional'})</td>` +
      `<td>${typeOf(parameter.schema)}</td><td>${prose(parameter.description)}</td></tr>`,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) => `<p>Body <code>${escape(type)}</code>: ${typeOf(schema)}</p>`,
  );
  const answers = Object.entries(operation.responses).map(([status, { description, content }]) => {
    const schemas = Object.values(content ?? {}).map(({ schema }) => typeOf(schema));
    return `<tr><td>${status}</td><td>${schemas.join(' or ')}</td><td>${prose(description)}</td></tr>`;
  });
  return `<section id="${operation.operationId}"><h2><code>${method.toUpperCase()} ${escape(path)}</code></h2>
<p>${escape(operation.summary)}. ${prose(operation.description ?? '')}</p>
${parameters.length === 0 ? '' : `<table><tr><th>Parameter</th><th>Type</th><th>Meaning</th></tr>${parameters.join('')}</table>`}
${bodies.join('')}<table><tr><th>Status</th><th>Body</th><th>Meaning</th></tr>${answers.join('')}</table></section>`;
}

export function referencePage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const links = document.tags.map(({ name }) => {
    const items = operations
      .filter(({ operation }) => operation.tags.includes(name))
      .map(({ operation }) => `<li><a href="#${operation.operationId}">${escape(operation.summary)}</a></li>`);
    return `<h3>${escape(name)}</h3><ul>${items.join('')}</ul>`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<section id="schema-${name}"><h2>${name}</h2><p>${prose(schema.description ?? '')}</p>${membersTable(schema)}</section>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>${escape(document.info.title)} API ${document.info.version}</title><style>${STYLE}</style></head>
<body><nav><strong>${escape(document.info.title)} API</strong>${links.join('')}</nav>
<main><h1>${escape(document.info.title)} API ${document.info.version}</h1><p>${prose(document.info.description)}</p>
${operations.map(({ path, method, operation }) => operationSection(path, method, operation)).join('\n')}
<h1>Schemas</h1>${schemas.join('\n')}</main></body></html>`;
}
