/** The page about the command line, made from the table of commands. */
import { type Argument, type Command, type Option } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { flagOf, SETTINGS } from '../../src/config.ts';

/** The page docs/reference/cli.md. */
export async function commandLineReference(): Promise<string> {
  const sections = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => section(name, summary, (await load()).command)),
  );
  return `# Command line

Generated from \`src/cli/commands/\`. Every command takes \`--json\` (one JSON document on stdout) and \`--config FILE\`. Exit codes:
0 done, 1 failed or the answer is no, 2 misused, 130 interrupted. Results go to stdout, everything else to stderr.

${sections.join('\n')}`;
}

function section(name: string, summary: string, command: Command): string {
  const rows = [
    ...(command.arguments ?? []).map(argumentRow),
    ...(command.options ?? []).map(optionRow),
    ...(command.settings ?? []).flatMap((setting) => {
      const flag = flagOf(setting);
      return flag === undefined
        ? []
        : [`| \`${flag}\` | ${SETTINGS[setting].sentence} | [setting](configuration.md) |`];
    }),
  ];
  const table = rows.length === 0 ? '' : `\n| | meaning | default |\n|---|---|---|\n${rows.join('\n')}\n`;
  return `## sentinel ${name}\n\n${summary}\n${table}\n    ${command.example}\n`;
}

function argumentRow({ name, sentence, required, many }: Argument): string {
  return `| \`${name.toUpperCase()}${many ? '…' : ''}\` | ${sentence} | ${required ? 'needed' : ''} |`;
}

function optionRow(option: Option): string {
  if (option.type === 'flag') return `| \`--${option.name}\` | ${option.sentence} | |`;
  const choices = option.type === 'text' && option.choices !== undefined ? ` One of ${option.choices.join(', ')}.` : '';
  const otherwise = option.required ? 'needed' : option.default === undefined ? '' : `\`${option.default}\``;
  return `| \`--${option.name} ${option.value}\` | ${option.sentence}${choices} | ${otherwise} |`;
}
