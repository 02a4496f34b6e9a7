/** What the ids of one simulation begin with: another simulation’s do not, so that their payments can go to one service. */
import { inLetters } from '../domain/letters.ts';
import { deriveBits } from './derive.ts';

/** Letters of each of the two hashes: 26^8 prefixes in all. */
const LETTERS_OF_HASH = 4;

/** The same for the same `content`, which is all that the payments depend on. */
export function idPrefix(content: readonly (string | number | undefined)[]): string {
  const characters = [...content.join()];
  const hashes = [0, 1].map((trait) =>
    characters.reduce((hash, character) => deriveBits(hash, character.charCodeAt(0), trait), 0),
  );
  return `t${hashes.map((hash) => inLetters(hash, LETTERS_OF_HASH)).join('')}-`;
}
