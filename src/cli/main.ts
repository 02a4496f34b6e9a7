/** The only executable: hands the process's words, streams and signals to the command line. */
import packageDocument from '../../package.json' with { type: 'json' };
import { EXIT } from './command.ts';
import { COMMANDS } from './commands.ts';
import { runCommandLine } from './run.ts';

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // Asked twice: do not wait for a tidy end. A hang-up asks for nothing more: a terminal that closes tells several times,
    // by the system and by its shell, and `npm start` once again when npm is gone.
    if (interruption.signal.aborted && name !== 'SIGHUP') process.exit(EXIT.interrupted);
    interruption.abort(new DOMException(name, 'AbortError'));
  });
}
// A reader such as `head` that has seen enough closes the pipe; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed),
);

// When nobody hears any more, as when the terminal was closed, there is still work to end well.
process.stderr.on('error', () => undefined);

const code = await runCommandLine(process.argv.slice(2), COMMANDS, {
  out: process.stdout,
  err: process.stderr,
  environment: process.env,
  directory: process.cwd(),
  signal: interruption.signal,
  version: packageDocument.version,
});

// A client of a server that is away may go on trying; it must not keep the process once all is said.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
