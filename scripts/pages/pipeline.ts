/** The page about submission.yml, made from the table of phases and the options of their commands. */
import { type Option } from '../../src/cli/command.ts';
import { PHASE_TABLE, type PhaseName, PHASES } from '../../src/cli/pipeline/phases.ts';

/** The page docs/reference/pipeline.md. */
export async function pipelineReference(): Promise<string> {
  const sections = await Promise.all(PHASES.map(section));
  return `# Pipelines

Generated from \`src/cli/pipeline/phases.ts\` and the options of the commands. A \`submission.yml\` holds phases by name, each with
settings or \`{}\`; they run in this order. \`reports\` names the directory of results (default \`reports\`).
[How to use it](../how-to/pipelines.md).

${sections.join('\n')}`;
}

async function section(name: PhaseName): Promise<string> {
  const { sentence, load, filled = {}, options: own = [] } = PHASE_TABLE[name];
  const { arguments: given = [], options = [] } = (await load?.()) ?? {};
  const rows = [
    ...given.map((argument) => row(argument.name, argument.many === true ? 'list' : 'text', '', argument.sentence)),
    ...[...options, ...own].map((option) => {
      const stands = filled[option.name];
      if (stands === undefined) return row(option.name, typeOf(option), defaultOf(option), option.sentence);
      // What the command alone would take is not so here.
      return row(option.name, typeOf(option), stands, option.sentence.replace(/ \(default: .*\)$/, ''));
    }),
  ];
  const table =
    rows.length === 0 ? '' : `\n| setting | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  return `## ${name === 'generate' || name === 'prepare' ? `data.${name}` : name}\n\n${sentence}\n${table}`;
}

const row = (name: string, type: string, initial: string, sentence: string): string =>
  `| \`${name}\` | ${type} | ${initial} | ${sentence.replaceAll('|', '\\|')} |`;

function typeOf(option: Option): string {
  if (option.type === 'flag') return 'true or false';
  if (option.type === 'text') return option.choices?.join(', ') ?? 'text';
  return option.type;
}

const defaultOf = (option: Option): string =>
  'default' in option && option.default !== undefined ? `\`${option.default}\`` : '';
