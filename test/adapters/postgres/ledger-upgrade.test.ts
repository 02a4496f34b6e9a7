import { soleDatabase } from '../../../src/adapters/postgres/ledger-store.ts';
import { openPglite } from '../../../src/adapters/postgres/open-pglite.ts';
import { testLedgerUpgrade } from '../../contracts/ledger-upgrade.ts';

testLedgerUpgrade('PGlite', async () => soleDatabase(await openPglite()));
