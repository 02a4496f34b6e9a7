/** sentinel datasets: every data set whose files can be read as they are published. */
import { type DatasetMapping, requiredColumns } from '../../datasets/mapping.ts';
import { MAPPINGS } from '../../datasets/mappings.ts';
import { DAY_MS } from '../../domain/time.ts';
import { type Command } from '../command.ts';

function lines(mapping: DatasetMapping): readonly string[] {
  const required = requiredColumns(mapping);
  const optional = mapping.columns.map(({ name }) => name).filter((name) => !required.includes(name));
  return [
    `${mapping.name}: ${mapping.summary}`,
    `  from      ${mapping.origin}`,
    `  rows      ${mapping.expectedRows?.toLocaleString('en') ?? 'any number'}`,
    `  columns   ${required.join(', ')}`,
    ...(optional.length === 0 ? [] : [`  optional  ${optional.join(', ')}`]),
    `  labels    known after ${mapping.labelDelayMs / DAY_MS} days`,
    `  features  ${mapping.features.catalogue}`,
  ];
}

export const command: Command<readonly DatasetMapping[]> = {
  example: 'sentinel datasets',
  run: () => Promise.resolve(MAPPINGS),
  render: (mappings) => mappings.flatMap(lines).join('\n'),
};
