/** Projects without end into the directory given, saying after each batch how far it is; made to be killed. */
import { startEmbeddedLedger } from '../../../src/adapters/postgres/embedded-ledger.ts';
import { CATALOGUE, recordAt } from './endless-records.ts';
import { batchOf } from '../../support/ledger-batches.ts';
import { JOURNAL_SOURCE } from '../../../src/ledger/source.ts';

const BATCH = 20;

const { store, ready } = startEmbeddedLedger({ directory: process.argv[2]!, catalogues: [CATALOGUE] });
await ready;
for (let position = await store.position(JOURNAL_SOURCE); ; position += BATCH) {
  process.stdout.write(`${position}\n`);
  await store.project(batchOf(Array.from({ length: BATCH }, (_, index) => recordAt(position + index + 1))));
}
