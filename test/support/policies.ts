/** Policies for tests, named by SHA-256 as the product names them. */
import { createHash } from 'node:crypto';
import { type Policy } from '../../src/decisions/policy.ts';
import { readPolicy } from '../../src/decisions/read-policy.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function aPolicy(value: Readonly<Record<string, unknown>> = {}): Policy {
  return readPolicy(value, sha256);
}
