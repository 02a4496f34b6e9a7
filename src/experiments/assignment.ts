/** Who is in which arm: by a hash of the user, so that a user stays where they are. */

/** Source: FNV-1a, G. Fowler, L. C. Noll, K.-P. Vo, 32 bits. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A number in [0, 1) that depends on both texts in every bit. */
export function hashShare(experiment: string, userId: string): number {
  let hash = FNV_OFFSET;
  for (const character of `${experiment}\u0000${userId}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, FNV_PRIME);
  }
  // FNV mixes its last characters little. Source: A. Appleby, MurmurHash3, 2011, 32-bit finaliser.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

export type Arm = 'champion' | 'challenger';

/** The arm of a user: the challenger's for `share` of all users, 0..1; other names of experiments split anew. RangeError for another share or no user. */
export function armOf(experiment: string, userId: string, share: number): Arm {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`invalid share: ${share} (expected a number from 0 to 1)`);
  if (typeof userId !== 'string') throw new RangeError(`invalid userId: ${String(userId)} (expected a text)`);
  return hashShare(experiment, userId) < share ? 'challenger' : 'champion';
}
