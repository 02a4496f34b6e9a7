/** Card numbers (PAN): found by issuer range, length and Luhn, then masked or replaced by a token. */

/** Shortest and longest card number. Source: ISO/IEC 7812-1. */
export const MIN_DIGITS = 12;
const MAX_DIGITS = 19;
/** Digits of the issuer number compared with the ranges below. */
const ISSUER_DIGITS = 6;
/** The issuer number and the last digits that may be shown. Source: PCI DSS 4.0, requirement 3.4.1. */
const SHOWN_FIRST = 6;
const SHOWN_LAST = 4;

interface IssuerRange {
  readonly from: number;
  readonly to: number;
  readonly shortest: number;
  readonly longest: number;
}

const range = (from: number, to: number, shortest: number, longest: number): IssuerRange => ({
  from,
  to,
  shortest,
  longest,
});

/** First six digits, inclusive, and the lengths issued. Source: ISO/IEC 7812 registry as published by the schemes. */
const ISSUER_RANGES: readonly IssuerRange[] = [
  range(100000, 199999, 15, 15), // UATP
  range(220000, 220499, 16, 19), // Mir
  range(222100, 272099, 16, 16), // Mastercard, 2-series
  range(300000, 305999, 14, 19), // Diners Club
  range(309500, 309599, 14, 19), // Diners Club
  range(340000, 349999, 15, 15), // American Express
  range(352800, 358999, 16, 19), // JCB
  range(360000, 369999, 14, 19), // Diners Club
  range(370000, 379999, 15, 15), // American Express
  range(380000, 399999, 14, 19), // Diners Club
  range(400000, 499999, 16, 16), // Visa
  range(400000, 499999, 13, 13), // Visa, older
  range(400000, 499999, 18, 19), // Visa, longer
  range(500000, 509999, 12, 19), // Maestro, Verve, Dankort, Elo
  range(510000, 559999, 16, 16), // Mastercard
  range(560000, 589999, 12, 19), // Maestro
  range(600000, 699999, 12, 19), // Maestro, Discover, UnionPay, RuPay, Troy, Hipercard
  range(810000, 829999, 16, 19), // UnionPay, RuPay
  range(860000, 860099, 16, 16), // Uzcard
  range(970400, 970499, 16, 19), // Napas
  range(979200, 979299, 16, 16), // Troy
  range(986000, 986099, 16, 16), // Humo
];

/** The Luhn check over ASCII digits. Source: ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, doubled = false; i >= 0; i--, doubled = !doubled) {
    const digit = digits.charCodeAt(i) - ZERO;
    sum += doubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
  }
  return sum % 10 === 0;
}

/** Whether numbers of `length` digits are issued that start with these six. */
function isIssued(issuer: number, length: number): boolean {
  if (length < MIN_DIGITS) return false;
  for (const { from, to, shortest, longest } of ISSUER_RANGES) {
    if (issuer >= from && issuer <= to && length >= shortest && length <= longest) return true;
  }
  return false;
}

/** Whether `digits`, and nothing but these digits, is a card number. */
export function isPan(digits: string): boolean {
  return isIssued(Number(digits.slice(0, ISSUER_DIGITS)), digits.length) && passesLuhn(digits);
}

const ZERO = 48;
const NO_DIGITS = /\D/g;
const isDigit = (code: number): boolean => code >= ZERO && code < ZERO + 10;

/** Characters between two groups of digits of one number. */
const MAX_GAP = 2;
const BLANK = 32;
const DASH = 45;
const LAST_ASCII = 126;
/** Blanks and dashes of other kinds. */
const RARE_SEPARATOR = /[\s\u200b\u2010-\u2015\u2212]/;

function isSeparator(code: number): boolean {
  if (code === BLANK || code === DASH) return true;
  return (code < BLANK || code > LAST_ASCII) && RARE_SEPARATOR.test(String.fromCharCode(code));
}

/** Whether so many digits follow one another, letters aside, that a card number is possible: a quick no for most texts. */
function hasLongNumber(text: string): boolean {
  if (text.length < MIN_DIGITS) return false;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code)) {
      if (++digits === MIN_DIGITS) return true;
    } else if ((code | 32) >= 97 && (code | 32) <= 122) digits = 0;
  }
  return false;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

/** Where the group of digits at `start` ends. */
function groupEnd(text: string, start: number): number {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** Where the group after the one that ends at `end` starts; undefined when the number ends there. */
function nextGroup(text: string, end: number): number | undefined {
  for (let at = end; at < end + MAX_GAP && isSeparator(text.charCodeAt(at)); at++) {
    if (isDigit(text.charCodeAt(at + 1))) return at + 1;
  }
  return undefined;
}

/** The longest card number that starts with the group at `start` and ends with a whole group. */
function panFrom(text: string, start: number): Span | undefined {
  let issuer = 0;
  let length = 0;
  let found: Span | undefined;
  for (let at: number | undefined = start; at !== undefined;) {
    const end = groupEnd(text, at);
    for (; at < end; at++, length++) {
      if (length < ISSUER_DIGITS) issuer = 10 * issuer + text.charCodeAt(at) - ZERO;
    }
    if (length > MAX_DIGITS) break;
    if (isIssued(issuer, length)) {
      const digits = text.slice(start, end).replaceAll(NO_DIGITS, '');
      if (passesLuhn(digits)) found = { start, end, digits };
    }
    at = nextGroup(text, end);
  }
  return found;
}

function findPans(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length;) {
    if (!isDigit(text.charCodeAt(at))) {
      at++;
      continue;
    }
    const pan = panFrom(text, at);
    if (pan !== undefined) spans.push(pan);
    at = pan?.end ?? groupEnd(text, at);
  }
  return spans;
}

/**
 * Whole words that programs make: a UUID (RFC 9562, section 4), or 24 and more hexadecimal digits with a letter among them. One random
 * UUID in a thousand would else hold a "card number", and come back changed.
 */
const MADE_ID = /((?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{24,})(?![0-9a-z]))/i;

/**
 * `text` with `replace(digits)` in the place of each card number. A card number starts and ends with a whole group
 * of digits: a window inside a longer unbroken number is not one, nor is one inside an id that a program made.
 */
export function replacePans(text: string, replace: (digits: string) => string): string {
  if (!hasLongNumber(text)) return text;
  const parts = text.split(MADE_ID); // the ids at odd places
  return parts.map((part, at) => (at % 2 === 0 ? replaceIn(part, replace) : part)).join('');
}

function replaceIn(text: string, replace: (digits: string) => string): string {
  let result = '';
  let end = 0;
  for (const span of findPans(text)) {
    result += text.slice(end, span.start) + replace(span.digits);
    end = span.end;
  }
  return result + text.slice(end);
}

/** A card number as it may be shown: issuer number and last four, `411111******1111`. */
export function maskPan(digits: string): string {
  return (
    digits.slice(0, SHOWN_FIRST) + '*'.repeat(digits.length - SHOWN_FIRST - SHOWN_LAST) + digits.slice(-SHOWN_LAST)
  );
}

/** Free text with every card number masked. */
export function maskPans(text: string): string {
  return replacePans(text, maskPan);
}
