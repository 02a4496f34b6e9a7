/** What an error says may be shown to anyone: it holds no card number, whatever it quotes. */
import { describe, expect, it } from 'vitest';
import { SentinelError } from '../../src/domain/errors.ts';

describe('an error', () => {
  it('masks card numbers in what it quotes', () => {
    const details = { file: 'a.csv', line: 3, column: 'amount', problem: 'does not parse' };
    const { message } = new SentinelError('DATA_INVALID', { ...details, value: '4111 1111 1111 1111' });
    expect(message).toBe('a.csv, line 3, column amount: does not parse (value 411111******1111)');
    expect(new SentinelError('DATA_INVALID', { ...details, value: 4111111111111111 }).message).toBe(message);
  });

  it('leaves other numbers and the names of things as they are', () => {
    const id = '2f1c52b5-4111-4111-8111-111111111111';
    expect(new SentinelError('NOT_FOUND', { what: 'Transaction', id }).message).toContain(id);
    expect(new SentinelError('NOT_FOUND', { what: 'Transaction', id: '4111111111111112' }).message).toContain('4111111111111112'); // prettier-ignore
  });
});
