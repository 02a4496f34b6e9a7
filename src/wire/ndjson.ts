/** Chunks of bytes → lines of NDJSON, without ever holding more than one line. */

/** Media type of newline-delimited JSON. */
export const NDJSON_TYPE = 'application/x-ndjson';

export interface Line {
  /** From 1; blank lines count but are not given. */
  readonly number: number;
  /** Without its line end; undefined when it was longer than allowed and was skipped. */
  readonly bytes: Buffer | undefined;
}

export interface LineSplitter {
  push(chunk: Buffer): Line[];
  /** The last line, when it has no line end. */
  end(): Line[];
}

const NEWLINE = 0x0a;

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tooLong = false;
  let number = 0;

  const keep = (part: Buffer): void => {
    heldBytes += part.length;
    if (heldBytes > maxLineBytes) {
      tooLong = true;
      held = [];
    } else if (!tooLong && part.length > 0) held.push(part);
  };
  const take = (lines: Line[]): void => {
    number++;
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held);
    if (tooLong) lines.push({ number, bytes: undefined });
    else if (!isBlank(bytes)) lines.push({ number, bytes });
    held = [];
    heldBytes = 0;
    tooLong = false;
  };

  return {
    push(chunk) {
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        take(lines);
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    end() {
      const lines: Line[] = [];
      if (heldBytes > 0) take(lines);
      return lines;
    },
  };
}
