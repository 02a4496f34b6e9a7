/** Whether it is safe to listen where the settings say, and who is meant by a request. */
import { isIP } from 'node:net';
import { SentinelError } from '../domain/errors.ts';
import { type KeyRing } from './keys.ts';

/** Whether `host` reaches this machine only: localhost, 127.0.0.0/8, ::1 and their mapped form. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost') return true;
  const kind = isIP(bare);
  if (kind === 4) return bare.startsWith('127.');
  return kind === 6 && (/^(0*:)*:?0*1$/.test(bare) || /^(0*:)*:?ffff:(127\.|7f[0-9a-f]{2}:)/.test(bare));
}

/** What nearly every client on this machine sends. */
const USUAL_AUTHORITY = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/;

/** Whether a Host header, with or without a port, names this machine: also as *.localhost. Source: RFC 6761, section 6.3. */
export function isLoopbackAuthority(authority: string): boolean {
  if (USUAL_AUTHORITY.test(authority)) return true;
  const host = authority.replace(/:\d*$/, '');
  return isLoopback(host) || host.toLowerCase().endsWith('.localhost');
}

/** Throws CONFIG_INVALID when the service would be open to the network without keys. */
export function checkExposure(host: string, keys: Pick<KeyRing, 'isEmpty'>): void {
  if (!keys.isEmpty || isLoopback(host)) return;
  throw new SentinelError('CONFIG_INVALID', {
    problems: `listening on ${host} without API keys would let anyone on the network score and read payments; add a key, or listen on 127.0.0.1`,
  });
}
