import { describe, expect, it } from 'vitest';
import { PRIMITIVES } from '../../src/adapters/system/byte-primitives.ts';
import { type ClaimedRequest, createClaimCodec } from '../../src/journal/claim-bytes.ts';
import { aTransaction } from '../support/transactions.ts';

const codec = createClaimCodec(PRIMITIVES);
const FORMAT_AT = 5;

const aRequest: ClaimedRequest = {
  transaction: aTransaction({ eventTimeMs: Infinity, locationCity: 'Łódź' }),
  requestHash: '0123456789abcdef0123456789abcdef',
  amountBaseMinor: 2_500,
  versions: { model: 'v1', policy: 'p', lists: 'l', catalogue: 'c' },
};

describe('what a claim keeps', () => {
  it('comes back as it was, with the message it came as or without', () => {
    const asMessage = { ...aRequest, message: { partition: 7, offset: 2 ** 40 } };
    expect(codec.decodeClaim(codec.encodeClaim(aRequest))).toEqual(aRequest);
    expect(codec.decodeClaim(codec.encodeClaim(asMessage))).toEqual(asMessage);
  });

  it('is read as versions before messages wrote it', () => {
    const bytes = codec.encodeClaim(aRequest);
    bytes[FORMAT_AT] = 0;
    expect(codec.decodeClaim(bytes)).toEqual(aRequest);
  });

  it('waits for a newer program when a newer one wrote it', () => {
    const bytes = codec.encodeClaim(aRequest);
    bytes[FORMAT_AT] = 2;
    expect(() => codec.decodeClaim(bytes)).toThrow(expect.objectContaining({ code: 'NOT_READY' }) as Error);
  });
});
