/** Redis knows every decision on record as answered, every label in force, and nothing besides. */
import { type DecisionRecord } from '../../../src/journal/record.ts';
import { type Fold } from '../../../src/usecases/fold.ts';
import { type ReadRedis } from '../readers/read-redis.ts';
import { createTally, type Finding } from './finding.ts';

const ANSWERED = 'A'.charCodeAt(0);
const SEQ_AT = 1;
const SEQ_BYTES = 6;
/** Of those begun and not confirmed. */
const NAMED = 5;

export function checkClaims(
  { claims, labelled, waiting, pending }: ReadRedis,
  decisions: readonly DecisionRecord[],
  fold: Fold,
): Finding {
  const tally = createTally('claims and labels on Redis against the journal');
  const left = new Set(claims.keys());
  tally.count(decisions.length);
  for (const { seq, transaction } of decisions) {
    const { transactionId } = transaction;
    const claim = claims.get(transactionId);
    left.delete(transactionId);
    if (claim === undefined) tally.lost(`${transactionId} is not known`);
    else if (claim[0] !== ANSWERED || claim.readUIntLE(SEQ_AT, SEQ_BYTES) !== seq)
      tally.differs(`${transactionId} at seq ${seq} is known as ${claim.toString('hex')}`);
  }
  for (const id of left) tally.differs(`${id} is claimed and not on record`);
  const { inForce, waiting: unbound } = fold.labels();
  const compare = (what: string, kept: ReadonlySet<string>, wanted: ReadonlySet<string>): void => {
    tally.count(wanted.size);
    for (const id of wanted) if (!kept.has(id)) tally.lost(`${what} of ${id}`);
    for (const id of kept) if (!wanted.has(id)) tally.differs(`${what} of ${id} is not on record`);
  };
  compare('a label in force', labelled, new Set(inForce.keys()));
  compare('labels that wait', waiting, new Set(unbound.keys()));
  if (pending.length > 0)
    tally.differs(`${pending.length} are begun and not confirmed: ${pending.slice(0, NAMED).join(', ')}`);
  return tally.finding();
}
