/** Listening to the network without keys is refused, with the reason. */
import { describe, expect, it } from 'vitest';
import { checkExposure, isLoopback, isLoopbackAuthority } from '../../src/access/exposure.ts';

describe('isLoopback', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
  ])('knows %s', (host) => expect(isLoopback(host)).toBe(true));
  it.each([
    '0.0.0.0',
    '::',
    '',
    '192.168.0.1',
    '::2',
    'fe80::1',
    '128.0.0.1',
    '127.0.0.1.example.com',
    'example.com',
    '::ffff:10.0.0.1',
    '::ffff:7e00:1',
    '2001::1',
  ])('does not take %s for it', (host) => expect(isLoopback(host)).toBe(false));
});

describe('isLoopbackAuthority', () => {
  it.each([
    'localhost',
    'localhost:8000',
    'LocalHost:8000',
    'sentinel.localhost',
    'Sentinel.LocalHost:8000',
    '127.0.0.1',
    '127.0.0.1:8000',
    '127.8.9.1:80',
    '[::1]',
    '[::1]:8000',
  ])('knows %s', (authority) => expect(isLoopbackAuthority(authority)).toBe(true));
  it.each([
    '',
    ':8000',
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    'evillocalhost',
    '127.0.0.1.evil.example:8000',
    'localhost:80@evil.example',
    '192.168.0.1:8000',
    '0.0.0.0:8000',
    '[::2]:8000',
  ])('does not take %s for it', (authority) => expect(isLoopbackAuthority(authority)).toBe(false));
});

describe('checkExposure', () => {
  it('allows loopback without keys, and anything with keys', () => {
    expect(() => checkExposure('127.0.0.1', { isEmpty: true })).not.toThrow();
    expect(() => checkExposure('0.0.0.0', { isEmpty: false })).not.toThrow();
  });
  it('refuses the network without keys and says why', () => {
    expect(() => checkExposure('0.0.0.0', { isEmpty: true })).toThrow(/0\.0\.0\.0 without API keys/);
  });
});
