import { describe, expect, it } from 'vitest';
import { whileComputing } from '../../src/cli/while-computing.ts';

describe('whileComputing', () => {
  it('leaves signals to the system meanwhile, and gives them back even when the work fails', () => {
    const listener = (): void => undefined;
    process.on('SIGHUP', listener);
    try {
      expect(whileComputing(() => process.listenerCount('SIGHUP'))).toBe(0);
      expect(process.listeners('SIGHUP')).toContain(listener);
      expect(() => whileComputing(() => expect.fail('no'))).toThrow('no');
      expect(process.listeners('SIGHUP')).toContain(listener);
    } finally {
      process.off('SIGHUP', listener);
    }
  });

  it('does so until a promise is settled', async () => {
    const listener = (): void => undefined;
    process.on('SIGHUP', listener);
    try {
      const work = async (): Promise<number> => {
        await Promise.resolve();
        return process.listenerCount('SIGHUP');
      };
      const count = whileComputing(work);
      expect(process.listenerCount('SIGHUP')).toBe(0);
      expect(await count).toBe(0);
      expect(process.listeners('SIGHUP')).toContain(listener);
      await expect(whileComputing(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(process.listeners('SIGHUP')).toContain(listener);
    } finally {
      process.off('SIGHUP', listener);
    }
  });
});
