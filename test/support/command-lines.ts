/** Runs a command line against a table of commands and keeps what it printed. */
import { Writable } from 'node:stream';
import { type CommandEntry, type Command } from '../../src/cli/command.ts';
import { runCommandLine, type Surroundings } from '../../src/cli/run.ts';

export function collector(): { readonly stream: Writable; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

export const entry = (name: string, command: Command, summary = `The command ${name}.`): CommandEntry => ({
  name,
  summary,
  load: () => Promise.resolve({ command }),
});

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export async function ran(
  line: string,
  table: readonly CommandEntry[],
  around: Partial<Surroundings> = {},
): Promise<Ran> {
  const out = collector();
  const err = collector();
  const exitCode = await runCommandLine(line.split(' ').filter(Boolean), table, {
    out: out.stream,
    err: err.stream,
    environment: {},
    directory: '/nonexistent',
    signal: new AbortController().signal,
    version: '9.9.9',
    ...around,
  });
  return { exitCode, out: out.text(), err: err.text() };
}
