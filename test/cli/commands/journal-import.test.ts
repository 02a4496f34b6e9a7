/** Archives that cannot be brought, and that they leave nothing. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { segmentPath } from '../../../src/adapters/segments/segment-files.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { aDirectory } from '../../support/directories.ts';
import { aJournalOf, edit, openSmall } from '../../support/journals.ts';
import { ran } from '../../support/command-lines.ts';

async function anArchive(): Promise<string> {
  const archive = aDirectory();
  await aJournalOf(archive, 90);
  return archive;
}

const swap = (archive: string): void => {
  const [second, third] = [segmentPath(archive, 2), segmentPath(archive, 3)];
  renameSync(second, `${second}.aside`);
  renameSync(third, second);
  renameSync(`${second}.aside`, third);
};

/** As one that is given when `mark` has been there for a while. */
function interruptedWithin(mark: string): AbortSignal {
  const interruption = new AbortController();
  let asked = 0;
  const ask = (): void => {
    if (!existsSync(mark) || (asked += 1) < 2) return;
    interruption.abort(new DOMException('SIGINT', 'AbortError'));
    throw interruption.signal.reason as DOMException;
  };
  return Object.assign(interruption.signal, { throwIfAborted: ask });
}

describe('sentinel journal import', () => {
  it.each<[string, (archive: string) => void, RegExp]>([
    ['is damaged', (archive) => edit(archive, 2, (bytes) => void (bytes[1_000]! ^= 1)), /segment-0000000002\.log/],
    ['lacks a segment', (archive) => rmSync(segmentPath(archive, 2)), /segment-0000000002\.log.* is missing/],
    ['has segments in another order', swap, /segment-0000000002\.log/],
    [
      'is of a newer format',
      (archive) => edit(archive, 1, (bytes) => void (bytes[8]! += 1)),
      /segment-0000000001\.log.* format 2 is not known/,
    ],
  ])('leaves nothing, not even a key, of an archive that %s', async (_, damage, told) => {
    const archive = await anArchive();
    damage(archive);
    const dataDir = join(aDirectory(), 'data');
    const { exitCode, err } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect({ exitCode, err }).toMatchObject({ exitCode: 1, err: expect.stringMatching(told) as string });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('brings a whole one under a key of its own, and nothing the second time', async () => {
    const archive = await anArchive();
    const dataDir = join(aDirectory(), 'data');
    const { out } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect(out).toContain('90 records of');
    expect(readdirSync(join(dataDir, 'journal'))).toContain('chain.key');
    const again = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect(again).toMatchObject({ exitCode: 0, out: expect.stringContaining('0 records of') as string });
  });

  it.each([
    ['under a key of its own', false],
    ['under the key it was written with', true],
  ])('marks what it has brought %s as unfinished until it has brought all', async (_, isSameKey) => {
    const archive = await anArchive();
    const dataDir = join(aDirectory(), 'data');
    const journal = join(dataDir, 'journal');
    mkdirSync(journal, { recursive: true });
    if (isSameKey) copyFileSync(join(archive, 'chain.key'), join(journal, 'chain.key'));
    const line = `journal import ${archive} --data-dir ${dataDir}`;
    const signal = interruptedWithin(join(journal, 'importing'));
    const { exitCode } = await ran(line, COMMANDS, { signal });
    expect(exitCode).toBe(130);
    await expect(openSmall(journal)).rejects.toMatchObject({ code: 'JOURNAL_UNFINISHED' });
    for (const refused of [`backup ${aDirectory()}`, `journal export ${aDirectory()}`, 'verify', 'ledger rebuild']) {
      const { err } = await ran(`${refused} --data-dir ${dataDir}`, COMMANDS);
      expect({ refused, err }).toMatchObject({ err: expect.stringContaining('journal import again') as string });
    }
    expect(await ran(line, COMMANDS)).toMatchObject({ exitCode: 0 });
    const opened = await openSmall(journal);
    expect(opened.head().seq).toBe(90);
    await opened.close();
  });

  it('says where to go with an archive of another journal than the one that is there', async () => {
    const [archive, dataDir] = [await anArchive(), aDirectory()];
    await aJournalOf(join(dataDir, 'journal'), 91);
    const { exitCode, err } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('name a place that is empty') as string,
    });
    await (await openSmall(join(dataDir, 'journal'))).close();
  });

  it('says where there is no room for it', async () => {
    const [archive, dataDir] = [await anArchive(), aDirectory()];
    const journal = join(dataDir, 'journal');
    mkdirSync(journal);
    copyFileSync(join(archive, 'chain.key'), join(journal, 'chain.key'));
    symlinkSync('/dev/full', join(journal, `segment-0000000002.log.${process.pid}.tmp`));
    const { err } = await ran(`journal import ${archive} --data-dir ${dataDir}`, COMMANDS);
    expect(err).toContain(`${journal}: there is no room left`);
  });
});
