/** The command line of a checkout: builds what has changed, then runs in this very process. */
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

await prepare();
const main = join(ROOT, 'dist', 'src', 'cli', 'main.js');
process.argv[1] = main;
await import(main);
