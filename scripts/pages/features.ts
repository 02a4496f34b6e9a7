/** The page about features, made from the catalogue. */
import { HANDBOOK_CATALOGUE, SENTINEL_CATALOGUE } from '../../src/features/catalogue.ts';
import { FAMILIES, type FeatureDefinition } from '../../src/features/feature.ts';

/** The page docs/reference/features.md. */
export function featuresReference(): string {
  const { features, hash } = SENTINEL_CATALOGUE;
  const families = FAMILIES.map((family) => ({
    family,
    members: features.filter((feature) => feature.family === family),
  })).filter(({ members }) => members.length > 0);
  return `# Features

Generated from \`src/features/\`. Sentinel's catalogue has ${features.length} features; its hash, the schema of every stored vector,
is \`${hash}\`. “Empty” is the value for an entity without history, “missing” the value when the payment lacks a
field; – is a missing value, which models treat by itself. Features see what happened before the payment.

${families.map(({ family, members }) => section(family, members)).join('\n')}
${section('The published features of the Fraud Detection Handbook', HANDBOOK_CATALOGUE.features)}`;
}

function section(title: string, features: readonly FeatureDefinition[]): string {
  const rows = features.map(({ name, unit, kind, formula, whenEmpty, whenMissing, description }) => {
    const cells = [
      `\`${name}\``,
      description,
      formula,
      kind === 'category' ? 'category' : unit,
      value(whenEmpty),
      value(whenMissing),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = '| name | meaning | formula | unit | empty | missing |\n|---|---|---|---|---|---|';
  return `## ${title}\n\n${head}\n${rows.join('\n')}\n`;
}

function value(number: number): string {
  return Number.isNaN(number) ? '–' : String(number);
}
