import { expect, it } from 'vitest';
import { createLedgerLine } from '../../../src/adapters/postgres/ledger-line.ts';
import { type LedgerReply, type LedgerRequest } from '../../../src/adapters/postgres/worker-messages.ts';
import { type StartedProcess } from '../../../src/adapters/system/start-process.ts';

const UNOPENED: LedgerReply = { kind: 'unopened', failure: { message: 'there is no room for it in data/ledger' } };
const OPENED: LedgerReply = { kind: 'opened', rebuilding: false };

/** A process that says one thing and then waits for its end. */
function saying(reply: LedgerReply): StartedProcess {
  let exit: (how: number | string) => void;
  const exited = new Promise<number | string>((resolve) => (exit = resolve));
  let hear: (message: unknown) => void;
  return {
    on: (_event, listener) => setImmediate((hear = listener), reply),
    postMessage: (message) =>
      setImmediate(hear, { kind: 'answer', id: (message as LedgerRequest).id, value: undefined }),
    onExit: (listener) => void exited.then(listener),
    terminate: () => Promise.resolve(exit('SIGKILL')),
  };
}

it('opens a ledger later that did not open at first, and says both', async () => {
  const replies = [UNOPENED, OPENED];
  const notices: string[] = [];
  const ledger = createLedgerLine(() => saying(replies.shift()!), {
    isPatient: true,
    onNotice: (text) => notices.push(text),
  });
  await ledger.ready;
  expect(ledger.state()).toBe('connected');
  expect(notices).toEqual([
    'Not ready: the ledger did not open: there is no room for it in data/ledger; it is started again in 1 s',
    'the ledger is open again',
  ]);
  await ledger.store.close();
}, 10_000);

it('says at once that it did not open to whoever does not wait', async () => {
  const ledger = createLedgerLine(() => saying(UNOPENED));
  await expect(ledger.ready).rejects.toThrow('the ledger did not open: there is no room for it in data/ledger');
});

it('is ready for nobody once it is closed before it has opened', async () => {
  const ledger = createLedgerLine(() => saying(UNOPENED), { isPatient: true });
  await expect.poll(ledger.state).toBe('disconnected');
  await ledger.store.close();
  await expect(ledger.ready).rejects.toThrow('the ledger was closed before it opened');
});
