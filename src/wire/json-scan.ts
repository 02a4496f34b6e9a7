/** One pass over the bytes of a JSON text for what JSON.parse would hide: repeated names and escapes. */

export interface JsonScan {
  /** Quotes that open or close a string: two a name and two a text value. */
  readonly quotes: number;
  /** Some string holds a backslash escape. */
  readonly escaped: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The text must be valid JSON for the answer to mean anything. */
export function scanJson(bytes: Uint8Array): JsonScan {
  let quotes = 0;
  let escaped = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) quotes++;
    else if (byte === BACKSLASH) {
      escaped = true;
      i++;
    }
  }
  return { quotes, escaped };
}
