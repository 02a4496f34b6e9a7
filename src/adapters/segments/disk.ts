/** Durable writes: when `done` is called without an error, the bytes are on the disk. */
import { close, constants, fdatasync, fsync, open, write } from 'node:fs';
import { open as openFile, statfs } from 'node:fs/promises';

type Done = (error: Error | null) => void;

/** The part of the file system the commit path rests on; handed in so that its failures can be provoked. */
export interface Disk {
  /** Opens for writing, creating the file when it is missing. */
  open(path: string, done: (error: Error | null, fd: number) => void): void;
  /** Writes bytes[start, end) at `position`, durably. */
  write(fd: number, bytes: Uint8Array, start: number, end: number, position: number, done: Done): void;
  /** Makes the file's size and place on the disk durable too. */
  sync(fd: number, done: Done): void;
  close(fd: number, done: Done): void;
}

// On Linux one O_DSYNC write does what write + fdatasync do, with one trip to the thread pool instead of two
// (65 against 92 µs, 52 against 81 µs CPU). Elsewhere O_DSYNC may stop at the drive's cache, so both calls are made.
const SYNCHRONOUS = process.platform === 'linux';
const FLAGS = constants.O_RDWR | constants.O_CREAT | (SYNCHRONOUS ? constants.O_DSYNC : 0);
const OWNER_ONLY = 0o600;

export const DISK: Disk = {
  open: (path, done) => open(path, FLAGS, OWNER_ONLY, done),
  write(fd, bytes, start, end, position, done) {
    write(fd, bytes, start, end - start, position, (error, written) => {
      if (error !== null) done(error);
      else if (written === 0) done(new Error('the disk took no bytes'));
      else if (start + written < end) DISK.write(fd, bytes, start + written, end, position + written, done);
      else if (SYNCHRONOUS) done(null);
      else fdatasync(fd, done);
    });
  },
  sync: (fd, done) => fsync(fd, done),
  close: (fd, done) => close(fd, done),
};

/** Bytes that may still be written where `directory` is. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Makes files created, renamed or deleted in `directory` stay so. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await openFile(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
