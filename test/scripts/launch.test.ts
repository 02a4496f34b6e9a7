import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aCheckout, type Checkout } from '../support/checkouts.ts';

/** Says its words, then obeys the last: a number is its exit code, `wait` waits for a signal. */
const MAIN = `
const words = process.argv.slice(2);
const say = () => console.log(JSON.stringify({ words, directory: process.cwd(), pid: process.pid }));
const last = words.at(-1);
if (last === 'wait') {
  const timer = setInterval(() => undefined, 1_000);
  const end = () => {
    clearInterval(timer);
    console.log('ended tidily');
  };
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
} else process.exitCode = Number(last ?? 0);
say(); // listening already: whoever reads this may send the signal at once
`;

const checkouts: Checkout[] = [];
const made = (): Checkout => {
  const checkout = aCheckout(MAIN);
  checkouts.push(checkout);
  return checkout;
};
afterAll(() => checkouts.forEach((checkout) => checkout.remove()));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = async (pid: number): Promise<void> => {
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('the launcher', () => {
  const checkout = made();

  it('builds what has changed, once even when started twice, and hands on words and exit code', async () => {
    const pair = [checkout.start('./sentinel', ['a b', '3']), checkout.start('./sentinel', ['x', '0'])];
    const [first, second] = await Promise.all(pair.map(({ ended }) => ended));
    expect(first!.out).toContain('"words":["a b","3"]');
    expect([first!.code, second!.code]).toEqual([3, 0]);
    expect(`${first!.err}${second!.err}`.match(/Building/g)).toHaveLength(1);

    const again = await checkout.start('./sentinel', ['0']).ended;
    expect(again.err).toBe('');
    checkout.write('src/cli/main.ts', `console.log('changed');`);
    expect(await checkout.start('./sentinel').ended).toMatchObject({ code: 0, out: 'changed\n' });
    checkout.write('src/cli/main.ts', MAIN);
  });

  it('runs where it is called from, also through a link', async () => {
    const elsewhere = join(checkout.directory, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync('../sentinel', join(elsewhere, 'linked'));
    const { out } = await checkout.start('./linked', ['0'], { directory: elsewhere }).ended;
    expect(out).toContain('/elsewhere"');
  });

  it('is the process itself, so that signals and kill -9 reach it', async () => {
    const running = checkout.start('./sentinel', ['wait']);
    await running.said(`"pid":${running.pid}`);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, out: expect.stringContaining('ended tidily') as string });
    const killed = checkout.start('./sentinel', ['wait']);
    await killed.said('"words"');
    killed.kill('SIGKILL');
    expect((await killed.ended).code).toBeNull();
    expect(alive(killed.pid)).toBe(false);
  });

  it('says what does not compile and starts nothing', async () => {
    const broken = made();
    broken.write('src/cli/main.ts', 'const count = (;');
    const { code, out, err } = await broken.start('./sentinel').ended;
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('src/cli/main.ts(1,16): error');
    expect(existsSync(join(broken.directory, 'dist/.building'))).toBe(false);
  });

  it('takes over the build of a process that is gone', async () => {
    const left = made();
    mkdirSync(join(left.directory, 'dist'));
    writeFileSync(join(left.directory, 'dist/.building'), '4194304'); // above the largest pid of Linux
    expect((await left.start('./sentinel', ['0']).ended).code).toBe(0);
  });
});

describe('the libraries', () => {
  const lock = '{ "packages": { "": {}, "node_modules/new": { "version": "1.0.0" }, "node_modules/other": { "version": "1.0.0", "optional": true } } }'; // prettier-ignore

  it('are installed when the lock names one that is not there, optional ones aside', async () => {
    const checkout = made();
    mkdirSync(join(checkout.directory, 'programs'));
    checkout.write(
      'programs/npm',
      `#!/bin/sh\necho "npm $*" >&2\necho '{ "packages": { "node_modules/new": { "version": "1.0.0" } } }' > node_modules/.package-lock.json\n`,
    );
    chmodSync(join(checkout.directory, 'programs/npm'), 0o755);
    checkout.write('package-lock.json', lock);
    const options = { programs: join(checkout.directory, 'programs') };
    expect((await checkout.start('./sentinel', ['0'], options).ended).err).toContain('npm ci --include=dev');
    expect(await checkout.start('./sentinel', ['0'], options).ended).toMatchObject({ code: 0, err: '' });
  });

  it('are never installed through a link, which would empty the place it leads to', async () => {
    const checkout = made();
    const place = join(checkout.directory, 'elsewhere');
    renameSync(join(checkout.directory, 'node_modules'), place);
    symlinkSync(place, join(checkout.directory, 'node_modules'));
    checkout.write('package-lock.json', lock);
    const { code, err } = await checkout.start('./sentinel', ['0']).ended;
    expect(code).toBe(1);
    expect(err).toContain('run npm ci where it leads');
    expect(existsSync(join(place, 'typescript'))).toBe(true);
  });
});

describe('npm start', () => {
  const checkout = made();
  const pidOf = (out: string): number => Number(/"pid":(\d+)/.exec(out)?.[1]);

  it('runs `up`, and SIGTERM to npm ends it tidily', async () => {
    const npm = checkout.start('npm', ['start', '--', 'wait']);
    await npm.said('"words":["up","wait"]');
    npm.kill('SIGTERM');
    const { out } = await npm.ended;
    expect(out).toContain('ended tidily');
    await gone(pidOf(out));
  });

  it('ends by itself when npm is killed', async () => {
    const npm = checkout.start('npm', ['start', '--', 'wait']);
    await npm.said('"pid"');
    npm.kill('SIGKILL');
    const { out } = await npm.ended;
    await gone(pidOf(out));
  });
});
