/** Sends payments over HTTP, in a process of its own. */
import { runOrder } from '../src/load/load-order.ts';
import { carryOut } from './generator.ts';

carryOut(runOrder);
