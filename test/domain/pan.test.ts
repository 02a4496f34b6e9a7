/** Card numbers found, masked and replaced. Numbers are the schemes' published test numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPan, maskPan, maskPans, replacePans } from '../../src/domain/pan.ts';

const TEST_NUMBERS = [
  '4111111111111111', // Visa
  '4222222222222', // Visa, 13 digits
  '4000056655665556', // Visa debit
  '5555555555554444', // Mastercard
  '2223003122003222', // Mastercard, 2-series
  '378282246310005', // American Express
  '6011111111111117', // Discover
  '30569309025904', // Diners Club
  '3566002020360505', // JCB
  '6200000000000005', // UnionPay
  '6759649826438453', // Maestro
  '5019717010103742', // Dankort
  '2200000000000004', // Mir
];

/** The Luhn digit that completes `digits`, by the definition: double every second digit from the right. */
function luhnDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

const visa = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 })
  .map((digits) => `4${digits.join('')}`)
  .map((digits) => digits + luhnDigit(digits));

describe('isPan', () => {
  it.each(TEST_NUMBERS)('knows %s', (digits) => expect(isPan(digits)).toBe(true));

  it('knows no number with one digit changed', () => {
    fc.assert(
      fc.property(visa, fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 9 }), (digits, place, shift) => {
        const changed = `${digits.slice(0, place)}${(Number(digits[place]) + shift) % 10}${digits.slice(place + 1)}`;
        expect(isPan(digits)).toBe(true);
        expect(isPan(changed)).toBe(false);
      }),
    );
  });

  it.each([
    ['too short', '41111111112'],
    ['too long', '41111111111111111118'],
    ['an issuer nobody has', '9111111111111111'],
    ['a length its issuer does not use', '411111111111116'],
    ['a time in milliseconds', '1700000000000'],
    ['nothing', ''],
  ])('does not know %s', (_what, digits) => expect(isPan(digits)).toBe(false));
});

describe('replacePans', () => {
  it('finds a number however blanks and dashes group it, wherever it stands', () => {
    const separator = fc.constantFrom('', ' ', '-', '\u00a0', '\u2013', '  ', ' -');
    const lead = fc.constantFrom('', 'card ', 'x', '(', 'exp 12/27: ', '12 ', 'id:');
    const tail = fc.constantFrom('', ' card', 'x', ')', ', exp 12/27', ' 12', '.');
    fc.assert(
      fc.property(visa, separator, lead, tail, (digits, gap, before, after) => {
        const written = digits.match(/.{4}/g)!.join(gap);
        const found: string[] = [];
        const text = replacePans(`${before}${written}${after}`, (pan) => (found.push(pan), '#'));
        expect(found).toEqual([digits]);
        expect(text).toBe(`${before}#${after}`);
      }),
    );
  });

  it('keeps a number before it that only looks like its beginning', () => {
    expect(replacePans('2026-11-20 4111 1111 1111 1111', () => '#')).toBe('2026-11-20 #');
  });

  it('finds two numbers in one text', () => {
    expect(maskPans('4111111111111111, 5555 5555 5555 4444')).toBe('411111******1111, 555555******4444');
  });

  it('leaves text without card numbers as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => text.replaceAll(/\D/g, '').length < 12),
        (text) => {
          expect(maskPans(text)).toBe(text);
        },
      ),
    );
    for (const text of ['order 123456789012345', '+1 415 555 0100', '2026-01-15T10:30:00.123456Z', '0'.repeat(40)]) {
      expect(maskPans(text)).toBe(text);
    }
  });
});

describe('ids made by programs', () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));

  it('are kept whatever digits they hold: UUIDs and long hexadecimal words', () => {
    for (const id of [
      '21bd3d8b-3006-4523-8470-69ba6a1d102a',
      '90f47f39-4b1d-4983-9459-80357643ffda',
      'a4111111111111111b0d4f52',
    ]) {
      for (const text of [id, id.toUpperCase(), `order:${id}/2`]) expect(maskPans(text)).toBe(text);
    }
    const beside = fc.constantFrom('', ' ', '-', ':', '/');
    fc.assert(
      fc.property(fc.uuid(), beside, (id, end) => {
        expect(maskPans(end + id + end)).toBe(end + id + end);
      }),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(hex(8), visa, fc.constantFrom(0, 4, 8, 24), (before, digits, after) => {
        const word = `${before}${digits}${'f'.repeat(after)}`;
        expect(maskPans(word)).toBe(word); // of digits alone it is longer than any card number
      }),
    );
  });

  it('hide no card number beside them, and none in what only resembles them', () => {
    const id = '21bd3d8b-3006-4523-8470-69ba6a1d102a';
    expect(maskPans(`${id} 4111-1111-1111-1111 ${id}`)).toBe(`${id} 411111******1111 ${id}`);
    for (const before of ['card', 'abcdef', 'xa0a0a0a0-a0a0-4a0a-8a0a-a0a0a0a0a0a0z', '0000 ', 'deadbee ']) {
      expect(maskPans(`${before}4111111111111111`)).toBe(`${before}411111******1111`);
    }
    expect(maskPans('41111111-1111-1111')).toBe('411111******1111');
    expect(maskPans('41111111-1111-1111-0000')).toBe('411111******1111-0000');
  });
});

describe('maskPan', () => {
  it('shows the issuer number and the last four at most', () => {
    expect(maskPan('4111111111111111')).toBe('411111******1111');
    expect(maskPan('4222222222222')).toBe('422222***2222');
  });
});

describe('the search for card numbers', () => {
  /** The same search by regular expressions: groups of digits, at most two blanks or dashes between them. */
  const byExpression = (text: string): string =>
    text.replaceAll(/\d+(?:[\s\u200b\-\u2010-\u2015\u2212]{1,2}\d+)*/g, (run) => {
      const groups = [...run.matchAll(/\d+/g)];
      let result = '';
      let done = 0;
      for (let first = 0; first < groups.length; first++) {
        const lasts = groups.map((_, last) => last).filter((last) => last >= first);
        const digits = (last: number): string => groups.slice(first, last + 1).map(([group]) => group).join(''); // prettier-ignore
        const last = lasts.findLast((candidate) => isPan(digits(candidate)));
        if (last === undefined) continue;
        result += `${run.slice(done, groups[first]!.index)}<${digits(last)}>`;
        done = groups[last]!.index + groups[last]![0].length;
        first = last;
      }
      return result + run.slice(done);
    });

  it('finds what regular expressions find', () => {
    const separator = fc.constantFrom(
      '',
      ' ',
      '-',
      '--',
      '- ',
      '---',
      '\u00a0',
      '\u2013',
      '\u200b',
      '\t',
      '.',
      'x',
      '_',
    );
    const digits = fc.stringMatching(/^\d{1,8}$/);
    const piece = fc.oneof({ arbitrary: visa, weight: 2 }, fc.constantFrom('4111', '1111', '3782', '822463', '10005'), digits); // prettier-ignore
    const texts = fc.array(fc.tuple(piece, separator), { maxLength: 12 }).map((pairs) => pairs.flat().join(''));
    fc.assert(
      fc.property(texts, (text) => {
        expect(replacePans(text, (found) => `<${found}>`)).toBe(byExpression(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
