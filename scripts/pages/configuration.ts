/** The pages about settings, made from the table of settings. */
import { flagOf, type SettingName, SETTING_NAMES, SETTINGS } from '../../src/config.ts';
import { expected, type Setting } from '../../src/setting.ts';

/** The page docs/reference/configuration.md. */
export function configurationReference(): string {
  return `# Configuration

Generated from \`src/config.ts\`. A setting may stand in \`sentinel.yaml\` (section.key), in the environment and on the
command line; the later wins. All mistakes are reported at once, before anything starts. A text that YAML would read as a
number stands in quotes in \`sentinel.yaml\`: \`password: "007"\`.

| sentinel.yaml | environment | flag | type | default | meaning |
|---|---|---|---|---|---|
${SETTING_NAMES.map(referenceRow).join('\n')}
`;
}

function referenceRow(name: SettingName): string {
  const setting: Setting = SETTINGS[name];
  const flag = flagOf(name);
  const cells = [
    code(setting.path),
    code(setting.environment),
    flag === undefined ? '–' : code(flag),
    `${expected(setting)}${setting.unit === undefined ? '' : `, ${setting.unit}`}`.replaceAll('|', '\\|'),
    String(setting.default) === '' ? 'empty' : code(String(setting.default)),
    `${setting.sentence}${setting.secret ? ' Secret: shown as `***`.' : ''}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** The file .env.example. */
export function environmentExample(): string {
  const entries = SETTING_NAMES.map((name) => {
    const setting: Setting = SETTINGS[name];
    return `# ${setting.sentence}\n# ${setting.environment}=${String(setting.default)}\n`;
  });
  return `# Every setting with its default: copy to .env and uncomment what you change.
# docs/reference/configuration.md has types and bounds.

${entries.join('\n')}`;
}
