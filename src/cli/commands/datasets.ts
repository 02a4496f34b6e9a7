/** sentinel datasets: every data set whose files can be read as they are published. */
import { type DatasetMapping, requiredColumns, type TextSource } from '../../datasets/mapping.ts';
import { MAPPINGS } from '../../datasets/mappings.ts';
import { spanText } from '../../domain/time.ts';
import { type Command } from '../command.ts';

/** Names in order, runs of numbered ones shortened: `V1 to V339`. */
function listed(names: readonly string[]): string {
  const split = (name: string) => /^(.*?)0*(\d+)$/.exec(name);
  const follows = (before: string, name: string): boolean => {
    const [a, b] = [split(before), split(name)];
    return a !== null && b !== null && a[1] === b[1] && Number(b[2]) === Number(a[2]) + 1;
  };
  const runs: string[][] = [];
  for (const name of names) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run.at(-1)!, name)) run.push(name);
    else runs.push([name]);
  }
  return runs.map((run) => (run.length < 3 ? run.join(', ') : `${run[0]} to ${run.at(-1)}`)).join(', ');
}

/** What a text is made of. */
function made(source: TextSource): string {
  if ('column' in source) return source.column;
  if ('constant' in source) return `always ${source.constant}`;
  if ('fingerprint' in source) return 'each row its own';
  return source.parts.map(({ column, countsDays }) => (countsDays === true ? `day − ${column}` : column)).join(', ');
}

function entities({ fields: { userId, merchantId, optional } }: DatasetMapping): string {
  const { cardId, deviceId, ipAddress } = optional;
  const kinds = Object.entries({ user: userId, card: cardId, device: deviceId, ip: ipAddress, merchant: merchantId });
  return kinds.flatMap(([kind, source]) => (source === undefined ? [] : [`${kind} (${made(source)})`])).join(', ');
}

function lines(mapping: DatasetMapping): readonly string[] {
  const required = requiredColumns(mapping);
  const optional = mapping.columns.map(({ name }) => name).filter((name) => !required.includes(name));
  const { attributes } = mapping.fields;
  const learnt = [...new Set(mapping.features.attributes?.map(({ attribute }) => attribute))];
  return [
    `${mapping.name}: ${mapping.summary}`,
    `  from        ${mapping.origin}`,
    `  rows        ${mapping.expectedRows?.toLocaleString('en') ?? 'any number'}`,
    `  columns     ${listed(required)}`,
    ...(optional.length === 0 ? [] : [`  optional    ${listed(optional)}`]),
    `  time        ${mapping.timeReference}`,
    `  labels      known after ${spanText(mapping.labelDelayMs)}`,
    `  history of  ${entities(mapping)}`,
    ...(attributes.length === 0 ? [] : [`  attributes  ${listed(attributes)}`]),
    `  features    ${mapping.features.catalogue}${learnt.length === 0 ? '' : ` and of attributes ${listed(learnt)}`}`,
  ];
}

export const command: Command<readonly DatasetMapping[]> = {
  example: 'sentinel datasets',
  run: () => Promise.resolve(MAPPINGS),
  render: (mappings) => mappings.flatMap(lines).join('\n'),
};
