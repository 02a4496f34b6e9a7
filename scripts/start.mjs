/** `npm start`: everything from a fresh clone to a running service, in one process that ends with npm. */

/** How soon the service notices that npm was killed; npm cannot tell it then. */
const PARENT_CHECK_MS = 500;

process.argv.splice(2, 0, 'up');
if (process.env.npm_lifecycle_event === 'start') {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  watch.unref();
}
await import('./sentinel.mjs');
