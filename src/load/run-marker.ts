/** What the ids of one run of load begin with: no other run's do, so that nothing sent before is known again. */
import { inLetters } from '../domain/letters.ts';

/** For milliseconds until the year 2142, and for the numbers of processes. */
const TIME_LETTERS = 9;
const PROCESS_LETTERS = 5;

export function runMarker(kind: string): string {
  return `${kind}-${inLetters(Date.now(), TIME_LETTERS)}-${inLetters(process.pid, PROCESS_LETTERS)}-`;
}
