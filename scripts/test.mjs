/** `npm test`: installs and builds what is missing, then runs the tests that need no server. */
import { join } from 'node:path';
import { prepare, ROOT, run } from './prepare.mjs';

await prepare();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
