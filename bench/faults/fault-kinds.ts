/** Every kind of fault; full and slow disks are the matter of test/faults/service and test/faults/segments. */
import { type FaultKind } from './fault.ts';
import { apiKill } from './kinds/api-kill.ts';
import { clockJump } from './kinds/clock-jump.ts';
import { silentLine, slowLine } from './kinds/line-faults.ts';
import { poisonMessages } from './kinds/poison-messages.ts';
import { postgresCut } from './kinds/postgres-cut.ts';
import { redisFlush } from './kinds/redis-flush.ts';
import { brokerRestart, postgresRestart, redisRestart } from './kinds/server-restarts.ts';
import { workerFreeze } from './kinds/worker-freeze.ts';
import { workerKill } from './kinds/worker-kill.ts';

export const FAULT_KINDS: readonly FaultKind[] = [
  workerKill,
  workerFreeze,
  apiKill,
  brokerRestart,
  redisFlush,
  redisRestart,
  postgresRestart,
  postgresCut,
  slowLine,
  silentLine,
  clockJump,
  poisonMessages,
];
