import { describe, expect, it } from 'vitest';
import { errorOf, failureOf } from '../../../src/adapters/system/failure.ts';
import { SentinelError } from '../../../src/domain/errors.ts';

const told = (error: unknown): Error => errorOf(structuredClone(failureOf(error)));

describe('an error told to another thread', () => {
  it('keeps its code, its details and its causes', () => {
    const damage = { place: 'segment 1', problem: 'a wrong checksum' };
    const reason = new Error('cannot be read', { cause: 'EIO' });
    const there = told(new SentinelError('JOURNAL_CORRUPT', damage, reason));
    expect(there).toMatchObject({ code: 'JOURNAL_CORRUPT', details: damage });
    expect(there.cause).toMatchObject({ message: 'cannot be read', stack: reason.stack, cause: { message: 'EIO' } });
  });

  it('says what is in one that is no error', () => {
    expect(told({ name: 'ErrnoError', errno: 51 }).message).toBe("{ name: 'ErrnoError', errno: 51 }");
    expect(told('EIO').message).toBe('EIO');
  });

  it('has no cause when it had none', () => {
    expect(told(new TypeError('x'))).not.toHaveProperty('cause');
    expect(told(new SentinelError('OVERLOADED'))).not.toHaveProperty('cause');
  });

  it('may be its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(told(error).cause).toMatchObject({ message: 'round' });
  });
});
