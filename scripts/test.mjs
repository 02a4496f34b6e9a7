/** `npm test`: installs and builds what is missing, then runs the tests that need no server. */
import { join } from 'node:path';
import { build, install, requireNode, ROOT, run } from './prepare.mjs';

requireNode();
await install();
await build();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
