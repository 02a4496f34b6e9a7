/** One pass over the bytes of a JSON text for what JSON.parse would hide: repeated names, depth, escapes, card numbers. */

export interface JsonScan {
  /** Name–value pairs written in all objects together; more than were parsed means that a name was repeated. */
  readonly members: number;
  /** Objects and arrays open at once at the deepest place. */
  readonly depth: number;
  /** Some string holds a backslash escape. */
  readonly escaped: boolean;
  /** Enough digits in a row, blanks and dashes aside, for a card number; also when escapes or non-ASCII may hide one. */
  readonly longNumber: boolean;
}

const PLAIN = 0;
const DIGIT = 1;
const QUOTE = 2;
const BACKSLASH = 3;
const COLON = 4;
const OPEN = 5;
const CLOSE = 6;
const BEYOND_ASCII = 7;

const CLASS_OF = new Uint8Array(256);
CLASS_OF.fill(BEYOND_ASCII, 0x80);
CLASS_OF.fill(DIGIT, 0x30, 0x3a);
CLASS_OF[0x22] = QUOTE;
CLASS_OF[0x5c] = BACKSLASH;
CLASS_OF[0x3a] = COLON;
CLASS_OF[0x5b] = CLASS_OF[0x7b] = OPEN;
CLASS_OF[0x5d] = CLASS_OF[0x7d] = CLOSE;

const SPACE = 0x20;
const DASH = 0x2d;
/** The shortest card number. Source: ISO/IEC 7812-1. */
const SHORTEST_PAN = 12;

/** The text need not be valid, but what is said of an invalid text beyond its first fault means nothing. */
export function scanJson(bytes: Uint8Array): JsonScan {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let inString = false;
  let escaped = false;
  let longNumber = false;
  for (let i = 0; i < bytes.length; i++) {
    const kind = CLASS_OF[bytes[i]!]!;
    if (kind === PLAIN) continue;
    if (kind === QUOTE) inString = !inString;
    else if (kind === DIGIT) {
      let digits = 1;
      for (let byte; i + 1 < bytes.length; i++) {
        byte = bytes[i + 1]!;
        if (CLASS_OF[byte] === DIGIT) digits++;
        else if (byte !== SPACE && byte !== DASH) break;
      }
      if (digits >= SHORTEST_PAN) longNumber = true;
    } else if (kind === BEYOND_ASCII) longNumber = true;
    else if (inString) {
      if (kind === BACKSLASH) {
        escaped = longNumber = true;
        i++;
      }
    } else if (kind === COLON) members++;
    else if (kind === OPEN) {
      if (++depth > deepest) deepest = depth;
    } else if (kind === CLOSE) depth--;
  }
  return { members, depth: deepest, escaped, longNumber };
}
