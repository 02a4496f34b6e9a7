/** Numbers in letters, for ids: beside other digits, digits of an id could make a card number, which is replaced. */
const A = 'a'.charCodeAt(0);
const LETTERS = 26;

/** So many letters for a whole number from 0, the lowest place first; what does not fit is left out. */
export function inLetters(number: number, places: number): string {
  const letters = Array.from({ length: places }, (_, place) => Math.floor(number / LETTERS ** place) % LETTERS);
  return String.fromCharCode(...letters.map((letter) => A + letter));
}
