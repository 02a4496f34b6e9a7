/** `npm start`: everything from a fresh clone to a running service, in one process that ends with npm. */
import { execFileSync } from 'node:child_process';

/** How soon the service notices that npm was killed; npm cannot tell it then. */
const CHECK_MS = 500;

/** The nearest npm above this process (a shell stands between); undefined when it cannot be seen. */
function npmAbove() {
  for (let pid = process.ppid; pid > 1;) {
    const [parent, ...command] = execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    if (/^npm$|[/\\]npm(-cli\.js)?$/.test(command[0] ?? '') || /[/\\]npm(-cli\.js)?$/.test(command[1] ?? ''))
      return pid;
    pid = Number(parent);
  }
  return undefined;
}

function endWith(pid) {
  const check = setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      clearInterval(check);
      process.kill(process.pid, 'SIGHUP'); // may be told besides what ended npm: only other signals mean “at once” the second time
    }
  }, CHECK_MS);
  check.unref();
}

if (process.env.npm_lifecycle_event === 'start') {
  try {
    const npm = npmAbove();
    if (npm !== undefined) endWith(npm);
  } catch {
    // Without ps a killed npm goes unnoticed; every other way to end works all the same.
  }
}
process.argv.splice(2, 0, 'up');
await import('./sentinel.mjs');
