/** Several CSV files written side by side as their lines are made: all of them or none. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { writeWhole } from './whole-file.ts';

export interface CsvFile {
  /** Ends in .csv or .csv.gz. */
  readonly path: string;
  readonly header: string;
}

/** Characters joined into one write. */
const CHUNK_CHARACTERS = 1 << 20;
/** Fast; the default level makes files a tenth smaller in three times the time. */
const GZIP_LEVEL = 2;

interface OpenFile {
  text: string;
  readonly first: PassThrough;
  /** Rejects when the file cannot be written. */
  readonly done: Promise<void>;
}

function openFile({ path, header }: CsvFile, temporary: string): OpenFile {
  const first = new PassThrough();
  const compressed = path.endsWith('.gz') ? [createGzip({ level: GZIP_LEVEL })] : [];
  const done = pipeline([first, ...compressed, createWriteStream(temporary)]);
  done.catch(() => undefined); // told to whoever writes next
  return { text: `${header}\n`, first, done };
}

async function flush(file: OpenFile): Promise<void> {
  const { text, first, done } = file;
  file.text = '';
  if (!first.write(text)) await Promise.race([once(first, 'drain'), done]);
}

/**
 * Writes the files in lines as `lines` gives them: one line a file, undefined where a file gets none. Returns the rows.
 * `onRows` hears the rows given so far, now and then; what it throws ends the work and removes the files.
 */
export async function writeCsvFiles(
  files: readonly CsvFile[],
  lines: Iterable<readonly (string | undefined)[]>,
  onRows: (rows: number) => void = () => undefined,
): Promise<number> {
  let rows = 0;
  const write = async (temporaries: readonly string[]): Promise<void> => {
    const open = files.map((file, index) => openFile(file, temporaries[index]!));
    try {
      for (const row of lines) {
        rows++;
        for (let index = 0; index < open.length; index++) {
          const file = open[index]!;
          const line = row[index];
          if (line !== undefined) file.text += `${line}\n`;
          if (file.text.length < CHUNK_CHARACTERS) continue;
          await flush(file);
          onRows(rows);
        }
      }
      for (const file of open) {
        await flush(file);
        file.first.end();
      }
    } catch (cause) {
      for (const { first } of open) first.destroy();
      await Promise.allSettled(open.map(({ done }) => done));
      throw cause;
    }
    await Promise.all(open.map(({ done }) => done));
    onRows(rows);
  };
  const nest = (index: number, temporaries: readonly string[]): Promise<void> =>
    index === files.length
      ? write(temporaries)
      : writeWhole(files[index]!.path, (temporary) => nest(index + 1, [...temporaries, temporary]));
  await nest(0, []);
  return rows;
}
