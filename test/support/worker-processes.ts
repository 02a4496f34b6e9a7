/** `sentinel work` as processes that a test may kill; each that ends is started again until all is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Config } from '../../src/config.ts';

const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.js');

export interface WorkerProcesses {
  /** By number, from 0. */
  worker(index: number): ChildProcess;
  stop(): void;
}

/** The settings of the installation as a process is told of them. */
function environmentOf(config: Config): Record<string, string> {
  return {
    KAFKA_BROKERS: config.kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: config.kafkaTopicPrefix,
    SENTINEL_KAFKA_GROUP: config.kafkaGroup,
    SENTINEL_KAFKA_PARTITIONS: String(config.kafkaPartitions),
    REDIS_URL: config.redisUrl,
    SENTINEL_REDIS_NAME: config.redisName,
    LOG_LEVEL: 'error',
  };
}

/** Starts `count` workers; the program must have been built. */
export function startWorkerProcesses(config: Config, count: number): WorkerProcesses {
  const workers: ChildProcess[] = [];
  let isOver = false;
  const start = (index: number): void => {
    const child = spawn(
      process.execPath,
      [MAIN, 'work', '--data-dir', config.dataDir, '--models-dir', config.modelsDir],
      {
        stdio: ['ignore', 'ignore', 'ignore'],
        env: { ...process.env, ...environmentOf(config) },
      },
    );
    workers[index] = child;
    child.on('exit', () => {
      if (!isOver) start(index);
    });
  };
  for (let index = 0; index < count; index += 1) start(index);
  return {
    worker: (index) => workers[index]!,
    stop() {
      isOver = true;
      for (const worker of workers) worker.kill('SIGKILL');
    },
  };
}
