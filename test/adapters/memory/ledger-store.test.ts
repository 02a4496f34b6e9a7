import { createMemoryLedgerStore } from '../../../src/adapters/memory/ledger-store.ts';
import { testLedgerStore } from '../../contracts/ledger-store.ts';

testLedgerStore('memory', () => Promise.resolve(createMemoryLedgerStore()));
