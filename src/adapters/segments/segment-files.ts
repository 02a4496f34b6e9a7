/** The files of the journal: the segment being written, the spare made ready behind it, the sealed ones before. */
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SEGMENT_HEADER_BYTES } from '../../journal/segment.ts';
import { type Disk } from './disk.ts';

/** Bytes of zeros written at a time: small, because commits wait while the disk takes them. */
const ZERO_BYTES = 256 * 1024;
const ZEROS = new Uint8Array(ZERO_BYTES);
/** Rest between two such writes, so that commits hardly wait behind them. */
const ZERO_REST_MS = 4;
/** How many times faster than the present segment fills the next one is made, rest or no rest. */
const HEAD_START = 2;

/** Left free beside a new segment, as a share of it: for indexes, and for the lock of the next start. */
const KEPT_FREE_SHARE = 1 / 16;

export interface WritableSegment {
  readonly number: number;
  readonly path: string;
  readonly fd: number;
  /** Where the next block goes. */
  position: number;
}

export function segmentPath(directory: string, number: number): string {
  return join(directory, `segment-${String(number).padStart(10, '0')}.log`);
}

export function indexPath(directory: string, number: number): string {
  return join(directory, `segment-${String(number).padStart(10, '0')}.index`);
}

/** The number in a segment's file name; undefined for other files. */
export function segmentNumber(name: string): number | undefined {
  const match = /^segment-(\d{10})\.log$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Fills the file with zeros from `from` to `to`, durably, resting `restMs` of the share done between writes. */
export async function allocate(
  disk: Disk,
  fd: number,
  from: number,
  to: number,
  restMs: (share: number) => number,
): Promise<void> {
  for (let at = from; at < to; at += ZERO_BYTES) {
    const length = Math.min(ZERO_BYTES, to - at);
    await new Promise<void>((resolve, reject) => {
      disk.write(fd, ZEROS, 0, length, at, (error) => (error === null ? resolve() : reject(error)));
    });
    const rest = restMs(at / to);
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  }
  await new Promise<void>((resolve, reject) => {
    disk.sync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

export function openSegment(disk: Disk, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    disk.open(path, (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });
}

export function closeSegment(disk: Disk, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    disk.close(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Whether a former process left this file whole and empty. */
async function isSpare(path: string, segmentBytes: number): Promise<boolean> {
  try {
    if ((await stat(path)).size !== segmentBytes) return false;
    const zeros = Buffer.from(ZEROS.buffer);
    for await (const part of createReadStream(path, { highWaterMark: ZERO_BYTES }) as AsyncIterable<Buffer>) {
      if (!part.equals(zeros.subarray(0, part.length))) return false;
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

export interface SpareOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly segmentBytes: number;
  /** The share of the present segment that is written, 0..1. */
  readonly filled: () => number;
  /** Told when the next segment cannot be made (the disk is full), and again when it could. */
  readonly onSpace: (error: Error | undefined) => void;
  /** Makes the new name durable. */
  readonly syncDirectory: (directory: string) => Promise<void>;
  /** Bytes that may still be written where the directory is. */
  readonly freeBytes: (directory: string) => Promise<number>;
}

/** Wait before trying again to make a spare that could not be made. */
const RETRY_MS = 1_000;

/** The next segment, made early so that a full disk is seen while the present one still has room. */
export interface Spare {
  /** Starts making segment `number`, at once or resting between writes; resolves when it is there. */
  prepare(number: number, hurry: boolean): Promise<void>;
  /** The segment being made; rejects when it cannot be. Afterwards there is none until `prepare`. */
  take(): Promise<WritableSegment>;
  close(): Promise<void>;
}

export function createSpare(options: SpareOptions): Spare {
  const { directory, disk, segmentBytes, filled, onSpace, syncDirectory, freeBytes } = options;
  let making: Promise<WritableSegment> | undefined;
  let wanted: number | undefined;
  let hurried = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  /** A disk too full is not filled to its last byte only to find that out. */
  const requireRoom = async (): Promise<void> => {
    const free = await freeBytes(directory);
    if (free >= (1 + KEPT_FREE_SHARE) * segmentBytes) return;
    const problem = `${directory} has ${free} bytes left, the next segment takes ${segmentBytes}`;
    throw Object.assign(new Error(`ENOSPC: ${problem}`), { code: 'ENOSPC' });
  };

  const make = async (number: number): Promise<WritableSegment> => {
    const path = segmentPath(directory, number);
    const left = await isSpare(path, segmentBytes);
    if (!left) await requireRoom();
    const fd = await openSegment(disk, path);
    try {
      await allocate(disk, fd, left ? segmentBytes : 0, segmentBytes, (share) => {
        if (closed) throw new Error('closed');
        return hurried || share < HEAD_START * filled() ? 0 : ZERO_REST_MS;
      });
      await syncDirectory(directory);
    } catch (error) {
      await closeSegment(disk, fd);
      if (!closed) await rm(path, { force: true }); // a disk is not to be filled up with zeros
      throw error;
    }
    return { number, path, fd, position: SEGMENT_HEADER_BYTES };
  };

  let troubled = false;
  const start = (number: number): Promise<void> => {
    making = make(number);
    const made = making.then(
      () => {
        if (troubled) onSpace(undefined);
        troubled = false;
      },
      (error: unknown) => {
        if (closed) return;
        troubled = true;
        onSpace(error as Error);
        retry = setTimeout(() => {
          if (wanted === number) void start(number).catch(() => undefined); // told through onSpace
        }, RETRY_MS);
        retry.unref();
        throw error;
      },
    );
    made.catch(() => undefined);
    return made;
  };

  return {
    prepare(number, hurry) {
      wanted = number;
      hurried = hurry;
      return start(number);
    },
    take() {
      hurried = true;
      wanted = undefined;
      clearTimeout(retry);
      const taken = making ?? Promise.reject(new Error('no segment is being made'));
      making = undefined;
      return taken;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      const segment = await making?.catch(() => undefined);
      if (segment !== undefined) await closeSegment(disk, segment.fd);
    },
  };
}
