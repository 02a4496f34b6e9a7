/** What a restore leaves behind when something stops it, and who may use the journal meanwhile. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../../src/adapters/system/lock.ts';
import { backUp, restore } from '../../src/cli/backup.ts';
import { type JournalHome, segmentHome } from '../../src/cli/journal-home.ts';
import { aDirectory } from '../support/directories.ts';
import { aJournalOf, openSmall } from '../support/journals.ts';

const { signal } = new AbortController();
const choice = { replace: true, stamp: 'now', signal };

interface Installation {
  readonly places: { dataDir: string; modelsDir: string; policyFile: string; keysFile: string };
  readonly journal: string;
  readonly home: JournalHome;
}

async function anInstallation(records: number): Promise<Installation> {
  const directory = aDirectory();
  const at = (name: string): string => join(directory, name);
  const places = { dataDir: at('data'), modelsDir: at('models'), policyFile: at('policy.yaml'), keysFile: '' };
  const journal = join(places.dataDir, 'journal');
  await aJournalOf(journal, records);
  mkdirSync(places.modelsDir);
  writeFileSync(join(places.modelsDir, 'model'), `after ${records}`);
  writeFileSync(places.policyFile, `after ${records}`);
  return { places, journal, home: segmentHome(places.dataDir) };
}

async function aBackup({ places, home }: Installation): Promise<string> {
  const directory = join(aDirectory(), 'backup');
  await backUp(places, home, directory, { createdAt: '', codeVersion: '', settings: {} }, signal);
  return directory;
}

async function headSeq(journal: string): Promise<number> {
  const opened = await openSmall(journal);
  await opened.close();
  return opened.head().seq;
}

describe('a restore', () => {
  it('leaves all as it was when a part cannot be put in its place', async () => {
    const backup = await aBackup(await anInstallation(3));
    for (const part of ['models', 'policy.yaml', 'data/journal']) {
      const { places, journal, home } = await anInstallation(5);
      const inTheWay = join(places.dataDir, '..', `${part}.before-now`);
      mkdirSync(join(inTheWay, 'something'), { recursive: true });
      await expect(restore(places, home, backup, choice)).rejects.toThrow(inTheWay);
      expect(readFileSync(join(places.modelsDir, 'model'), 'utf8')).toBe('after 5');
      expect(readFileSync(places.policyFile, 'utf8')).toBe('after 5');
      expect(await headSeq(journal)).toBe(5);
    }
  });

  it('keeps services from the journal until it is there, and leaves no lock', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, journal, home } = await anInstallation(5);
    const watched: JournalHome = {
      ...home,
      async stage(...order) {
        await home.stage(...order);
        expect(() => takeLock(journal)).toThrow('in use');
      },
    };
    const { movedAside } = await restore(places, watched, backup, choice);
    expect(movedAside).toContain(`${journal}.before-now`);
    for (const directory of [journal, `${journal}.before-now`]) expect(readdirSync(directory)).not.toContain('lock');
    expect(await headSeq(journal)).toBe(3);
    expect(await headSeq(`${journal}.before-now`)).toBe(5);
    expect(existsSync(`${journal}.restoring`)).toBe(false);
  });

  it('needs no journal to stand there, and refuses one that is in use', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, journal, home } = await anInstallation(5);
    const lock = takeLock(journal);
    await expect(restore(places, home, backup, choice)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    lock.release();
    const dataDir = join(aDirectory(), 'new');
    const { movedAside } = await restore({ ...places, dataDir }, segmentHome(dataDir), backup, choice);
    expect(movedAside).not.toContain(join(dataDir, 'journal'));
    expect(await headSeq(join(dataDir, 'journal'))).toBe(3);
  });
});
