/** SHA-256 that can be read on the way. */
import { createHash } from 'node:crypto';

export function createDigest(): { update(bytes: Uint8Array): void; hex(): string } {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.copy().digest('hex') };
}
