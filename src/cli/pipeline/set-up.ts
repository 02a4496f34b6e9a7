/** The phase setup: whether the installation can do what follows. */
import { checkUp } from '../check-up.ts';
import { type CommandInput } from '../command.ts';

/** What the pipeline itself makes. */
const MADE_LATER = new Set(['model', 'policy']);

export async function setUp({ config }: CommandInput): Promise<{ readonly text: string; readonly failed: boolean }> {
  const checks = (await checkUp(config())).filter(({ name }) => !MADE_LATER.has(name));
  const failed = checks.filter(({ status }) => status === 'fail');
  const lines = failed.map(({ name, finding, remedy = '' }) => `${name}: ${finding}\n  → ${remedy}`);
  return { text: failed.length === 0 ? `${checks.length} checks` : lines.join('\n'), failed: failed.length > 0 };
}
