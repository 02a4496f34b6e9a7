/** The keyed MAC of what must not be changed unseen. */
import { createHmac, type KeyObject } from 'node:crypto';
import { type Mac } from '../../journal/block.ts';

/** HMAC-SHA-256 under `key`. */
export function createMac(key: KeyObject): Mac {
  return (...parts) => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
}
