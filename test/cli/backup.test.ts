/** Where backups are written, what they leave out, and what a restore leaves behind when something stops it. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeLock } from '../../src/adapters/system/lock.ts';
import { backUp, restore } from '../../src/cli/backup.ts';
import { type JournalHome, segmentHome } from '../../src/cli/journal-home.ts';
import { aDirectory } from '../support/directories.ts';
import { undoAsAtExit } from '../support/exits.ts';
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

function backedUp({ places, home }: Installation, directory: string): ReturnType<typeof backUp> {
  return backUp(places, home, directory, { createdAt: '', codeVersion: '', settings: {} }, signal);
}

async function aBackup(installation: Installation): Promise<string> {
  const directory = join(aDirectory(), 'backup');
  await backedUp(installation, directory);
  return directory;
}

/** Whose journal cannot be saved. */
function failing(installation: Installation): Installation {
  return { ...installation, home: { ...installation.home, save: () => Promise.reject(new Error('no room')) } };
}

/** Into a place where nothing is; resolves to the files of the models there. */
async function restoredElsewhere(backup: string): Promise<{ readonly files: readonly string[] }> {
  const directory = aDirectory();
  const places = {
    dataDir: join(directory, 'data'),
    modelsDir: join(directory, 'models'),
    policyFile: '',
    keysFile: '',
  };
  await restore(places, segmentHome(places.dataDir), backup, choice);
  return { files: readdirSync(places.modelsDir, { recursive: true }) as string[] };
}

const PARTS = ['backup.json', 'journal', 'models', 'policy.yaml', 'settings.json'];

async function headSeq(journal: string): Promise<number> {
  const opened = await openSmall(journal);
  await opened.close();
  return opened.head().seq;
}

describe('a backup', () => {
  it('is refused when a policy or keys file that is configured is not there', async () => {
    for (const setting of ['policyFile', 'keysFile'] as const) {
      const installation = await anInstallation(3);
      const missing = join(aDirectory(), 'missing');
      const directory = join(aDirectory(), 'backup');
      const places = { ...installation.places, [setting]: missing };
      await expect(backedUp({ ...installation, places }, directory)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining(missing) as string,
      });
      expect(existsSync(directory)).toBe(false);
    }
  });

  it('says what is not there to be saved', async () => {
    const installation = await anInstallation(3);
    const { dataDir, modelsDir } = installation.places;
    rmSync(modelsDir, { recursive: true });
    const { leftOut } = await backedUp(installation, join(aDirectory(), 'backup'));
    expect(leftOut).toEqual([join(dataDir, 'token.key'), modelsDir]);
  });

  it('holds what links lead to, not the links', async () => {
    const installation = await anInstallation(3);
    const { modelsDir } = installation.places;
    const elsewhere = aDirectory();
    mkdirSync(join(elsewhere, 'deep'));
    writeFileSync(join(elsewhere, 'deep', 'artifact'), 'kept elsewhere');
    symlinkSync(elsewhere, join(modelsDir, 'linked'));
    symlinkSync(join(elsewhere, 'missing'), join(modelsDir, 'dangling'));
    symlinkSync(modelsDir, join(elsewhere, 'deep', 'back'));
    const backup = await aBackup(installation);
    rmSync(elsewhere, { recursive: true });
    expect(readdirSync(join(backup, 'models'), { recursive: true }).sort()).toEqual([
      'linked',
      join('linked', 'deep'),
      join('linked', 'deep', 'artifact'),
      'model',
    ]);
    const { files } = await restoredElsewhere(backup);
    expect(files).toContain(join('linked', 'deep', 'artifact'));
  });

  it('deletes nothing of others, nor is it stopped by the draft of one that was killed', async () => {
    const installation = await anInstallation(3);
    const directory = join(aDirectory(), 'backup');
    const others = [`${directory}.partial`, `${directory}.partial-killed`].map((name) => join(name, 'kept'));
    for (const name of others) mkdirSync(name, { recursive: true });
    await expect(backedUp(failing(installation), directory)).rejects.toThrow('no room');
    await backedUp(installation, directory);
    for (const name of others) expect(existsSync(name)).toBe(true);
    expect(readdirSync(join(directory, '..')).sort()).toEqual(['backup', 'backup.partial', 'backup.partial-killed']);
    expect(readdirSync(directory).sort()).toEqual(PARTS);
  });

  it('fills an empty directory in its place, also through a link, and leaves it empty when it fails', async () => {
    const installation = await anInstallation(3);
    const disk = aDirectory();
    const link = join(aDirectory(), 'link');
    symlinkSync(disk, link);
    const { ino } = lstatSync(disk);
    await expect(backedUp(failing(installation), link)).rejects.toThrow('no room');
    expect(readdirSync(disk)).toEqual([]);
    await backedUp(installation, link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(lstatSync(disk).ino).toBe(ino);
    expect(readdirSync(disk).sort()).toEqual(PARTS);
  });

  it.each([
    ['the draft of one that was killed', '.partial-killed'],
    ['what a file system makes at its root', 'lost+found'],
  ])('fills a directory that holds %s, and is restored without it', async (_, name) => {
    const installation = await anInstallation(3);
    const directory = aDirectory();
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, 'settings.json'), '{}');
    await backedUp(installation, directory);
    const { manifest } = await restore(installation.places, installation.home, directory, choice);
    expect(manifest.head.seq).toBe(3);
  });

  it('puts nothing where another has put something meanwhile', async () => {
    const installation = await anInstallation(3);
    const directory = aDirectory();
    const { home } = installation;
    const another = join(directory, 'journal', 'of-another');
    const save: JournalHome['save'] = (draft, stop) => {
      mkdirSync(another, { recursive: true });
      return home.save(draft, stop);
    };
    await expect(backedUp({ ...installation, home: { ...home, save } }, directory)).rejects.toThrow('is not empty');
    expect(readdirSync(directory)).toEqual(['journal']);
    expect(existsSync(another)).toBe(true);
  });

  it('is not written where a link leads to nothing, nor through a link into what it copies', async () => {
    const installation = await anInstallation(3);
    const link = join(aDirectory(), 'link');
    const absent = join(aDirectory(), 'absent');
    symlinkSync(absent, link);
    await expect(backedUp(installation, link)).rejects.toMatchObject({ code: 'USAGE' });
    mkdirSync(join(installation.places.modelsDir, 'inside'));
    symlinkSync(join(installation.places.modelsDir, 'inside'), absent);
    await expect(backedUp(installation, link)).rejects.toThrow('is copied itself');
  });
});

describe('a restore', () => {
  it('refuses files that the backup has got since', async () => {
    const backup = await aBackup(await anInstallation(3));
    const added = join(backup, 'journal', 'segment-0000000012.log');
    writeFileSync(added, 'more');
    const { places, home } = await anInstallation(5);
    await expect(restore(places, home, backup, choice)).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringContaining(added) as string,
    });
  });

  it('refuses links that the backup has got since: what they lead to would be restored, from anywhere', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, home } = await anInstallation(5);
    const elsewhere = aDirectory();
    writeFileSync(join(elsewhere, 'secret'), 'of somebody else');
    for (const to of [elsewhere, join(elsewhere, 'secret'), join(elsewhere, 'gone')]) {
      const link = join(backup, 'models', 'link');
      symlinkSync(to, link);
      await expect(restore(places, home, backup, choice)).rejects.toMatchObject({
        code: 'DATA_UNREADABLE',
        message: expect.stringContaining(`${link}: not in the list`) as string,
      });
      expect(readdirSync(places.modelsDir)).toEqual(['model']);
      rmSync(link);
    }
  });

  it('names the files that it did not restore since no place is configured for them', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, home } = await anInstallation(5);
    const restored = await restore({ ...places, policyFile: '' }, home, backup, choice);
    expect(restored.notRestored).toEqual([{ file: join(backup, 'policy.yaml'), option: '--policy-file' }]);
    expect((await restore(places, home, backup, { ...choice, stamp: 'then' })).notRestored).toEqual([]);
  });

  it('leaves nothing it made ready when the process ends without waiting', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, home } = await anInstallation(5);
    const ready = (): string[] =>
      readdirSync(join(places.dataDir, '..'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.restoring'),
      );
    const stage: JournalHome['stage'] = async (from, stop) => {
      await home.stage(from, stop);
      expect(ready().sort()).toEqual(['data/journal.restoring', 'models.restoring', 'policy.yaml.restoring']);
      undoAsAtExit();
      expect(ready()).toEqual([]);
      throw new Error('ended');
    };
    await expect(restore(places, { ...home, stage }, backup, choice)).rejects.toThrow('ended');
  });

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
      for (const at of [places.dataDir, join(places.dataDir, '..')]) {
        expect(readdirSync(at).filter((name) => name.endsWith('.restoring'))).toEqual([]);
      }
    }
  });

  it('leaves nothing of what it made ready when the disk is full or it is interrupted', async () => {
    const backup = await aBackup(await anInstallation(3));
    const { places, home } = await anInstallation(5);
    const before = readdirSync(join(places.dataDir, '..'), { recursive: true }).sort();
    const full: JournalHome = {
      ...home,
      async stage(...order) {
        await home.stage(...order);
        throw new Error('no room');
      },
    };
    await expect(restore(places, full, backup, choice)).rejects.toThrow('no room');
    expect(readdirSync(join(places.dataDir, '..'), { recursive: true }).sort()).toEqual(before);
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
