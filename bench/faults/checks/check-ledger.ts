/** The ledger's rows are the journal's decisions. */
import { type JournalRecord } from '../../../src/journal/record.ts';
import { type ReadLedger } from '../readers/read-ledger.ts';
import { countsOf, createTally, type Finding } from './finding.ts';

export function checkLedger(ledger: ReadLedger, records: readonly JournalRecord[]): Finding {
  const tally = createTally('rows of the ledger against the journal');
  const counts = countsOf(ledger.decisions.map(({ transactionId }) => transactionId));
  const rows = new Map(ledger.decisions.map((row) => [row.transactionId, row]));
  const ofType = countsOf(records.map(({ type }) => type));
  for (const record of records) {
    if (record.type !== 'decision') continue;
    tally.count(1);
    const { transactionId } = record.transaction;
    const row = rows.get(transactionId);
    rows.delete(transactionId);
    if (row === undefined) tally.lost(`${transactionId} at seq ${record.seq} has no row`);
    else if (row.seq !== record.seq || row.outcome !== record.outcome || !Object.is(row.probability, record.probability))
      tally.differs(`${JSON.stringify(row)} for seq ${record.seq}, ${record.outcome}, ${record.probability}`); // prettier-ignore
  }
  for (const [id, count] of counts) if (count > 1) tally.duplicated(`${id} has ${count} rows`, count - 1);
  for (const id of rows.keys()) tally.differs(`${id} has a row and no record`);
  const compare = (what: string, found: number, wanted: number): void => {
    if (found < wanted) tally.lost(`${wanted - found} rows of ${what}`, wanted - found);
    if (found > wanted) tally.duplicated(`${found - wanted} rows of ${what}`, found - wanted);
  };
  compare('answers', ledger.answers, ofType.get('decision') ?? 0);
  compare('repeats', ledger.repeats, ofType.get('cache_hit') ?? 0);
  compare('labels', ledger.labels, ofType.get('label') ?? 0);
  return tally.finding();
}
