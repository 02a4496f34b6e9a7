/** The command line as a benchmark's process, which ends when the benchmark is gone, however that ended. */
process.on('disconnect', () => void process.kill(process.pid, 'SIGTERM'));
await import('../src/cli/main.ts');
