/** The page about failures, made from the table of errors. */
import { ERROR_KINDS, type ErrorDefinition, ERRORS } from '../../src/domain/errors.ts';

/** The page docs/reference/errors.md. */
export function errorsReference(): string {
  const entries = Object.entries<ErrorDefinition>(ERRORS);
  const sections = ERROR_KINDS.flatMap((kind) => {
    const rows = entries
      .filter(([, definition]) => definition.kind === kind)
      .map(([code, { message, remedy }]) => `| \`${code}\` | ${message} | ${remedy} |`);
    return rows.length === 0
      ? []
      : [`## ${kind}\n\n| code | message | what to do |\n|---|---|---|\n${rows.join('\n')}\n`];
  });
  return `# Errors

Generated from \`src/domain/errors.ts\`. The same codes appear in HTTP problems, in the command line's failures and in logs;
\`{…}\` is filled from the case.

${sections.join('\n')}`;
}
