/** sentinel doctor: what is configured, reachable, wrong, and what to do about it. */
import { checkUp } from '../check-up.ts';
import { type Check } from '../finding.ts';
import { SERVICE_SETTINGS } from '../../config.ts';
import { type Command } from '../command.ts';
import { TRACKING_SETTINGS } from '../tracking.ts';

interface Diagnosis {
  readonly checks: readonly Check[];
  readonly failed: number;
}

export const command: Command<Diagnosis> = {
  settings: [...SERVICE_SETTINGS, ...TRACKING_SETTINGS],
  example: 'sentinel doctor',
  async run({ config }) {
    const checks = await checkUp(config());
    return { checks, failed: checks.filter(({ status }) => status === 'fail').length };
  },
  hasFailed: ({ failed }) => failed > 0,
  render: ({ checks }) =>
    checks
      .map(({ name, status, finding, remedy }) => {
        const line = `${status.padEnd(4)}  ${name.padEnd(14)}  ${finding}`;
        return remedy === undefined ? line : `${line}\n${' '.repeat(22)}→ ${remedy}`;
      })
      .join('\n'),
};
