import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRecords, type ProjectedRecord, unpackRecords } from '../../../src/adapters/postgres/packed-records.ts';
import { OUTCOMES } from '../../../src/domain/outcome.ts';
import { aChangeRecord, aDecisionRecord, aLabelRecord } from '../../support/journal-records.ts';
import { aTransaction } from '../../support/transactions.ts';

/** The entries of `fields` that are there and not named in `except`. */
function present(fields: object, except: readonly string[] = []): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => value !== undefined && !except.includes(name)),
  );
}

const vectors = fc.option(
  fc.array(fc.double()).map((values) => Float64Array.from(values)),
  { nil: undefined },
);

const records: fc.Arbitrary<ProjectedRecord> = fc.oneof(
  fc.constant(aChangeRecord(3)),
  fc.string({ unit: 'grapheme' }).map((campaign) => aLabelRecord(2, { transactionId: 't1', campaign })),
  fc
    .record({
      outcome: fc.constantFrom(...OUTCOMES),
      margin: fc.double(),
      probability: fc.double(),
      locationCity: fc.string({ unit: 'binary' }),
      cardId: fc.option(fc.string(), { nil: undefined }),
      latitude: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
      attributes: fc.option(fc.dictionary(fc.string(), fc.boolean()), { nil: undefined }),
      vector: vectors,
      contributions: vectors,
      fallbackCause: fc.option(fc.string(), { nil: undefined }),
    })
    .map(({ locationCity, cardId, latitude, attributes, ...drawn }) => {
      const transaction = present({ ...aTransaction({ locationCity }), cardId, latitude, attributes });
      const decision = { ...aDecisionRecord(), ...drawn, transaction };
      return present(decision) as ProjectedRecord; // what is absent has no key
    }),
);

/** What the ledger projects of a record. */
function projected(record: ProjectedRecord): unknown {
  if (record.type !== 'decision') return record;
  const { versions, durations, contributions, reasons, fallbackCause, ...rest } = record;
  const explained = record.outcome !== 'approve';
  return {
    ...present(rest, ['requestHash', 'late']),
    versions: { model: versions.model, policy: versions.policy, catalogue: versions.catalogue },
    durations: { totalUs: durations.totalUs },
    reasons: explained ? reasons : [],
    ...(explained && contributions !== undefined ? { contributions } : {}),
    ...(explained && fallbackCause !== undefined ? { fallbackCause } : {}),
  };
}

describe('packed records', () => {
  it('unpack to all that is projected, bit for bit, whatever crosses in between', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 6 }), (history) => {
        const packed = structuredClone(packRecords(history));
        expect(unpackRecords(packed)).toEqual(history.map(projected));
      }),
    );
  });
});
