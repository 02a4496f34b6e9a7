/** The keyed MAC of what must not be changed unseen. */
import { createHmac, type KeyObject } from 'node:crypto';
import { type Mac } from '../../journal/block.ts';

/** Bytes taken at a time: Node takes less than 2 GiB. */
const UPDATE_BYTES = 2 ** 30;

/** HMAC-SHA-256 under `key`. */
export function createMac(key: KeyObject): Mac {
  return (...parts) => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) {
      for (let at = 0; at < part.length; at += UPDATE_BYTES) hmac.update(part.subarray(at, at + UPDATE_BYTES));
    }
    return hmac.digest();
  };
}
