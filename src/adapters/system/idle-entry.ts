/** Where a process that gives way begins: it does so before it loads what it is to run, the file its first argument names. */
import { pathToFileURL } from 'node:url';
import { giveWay } from './give-way.ts';

giveWay('process');
await import(pathToFileURL(process.argv[2]!).href); // as startProcess has it
