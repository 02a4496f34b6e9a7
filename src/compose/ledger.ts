/** The ledger a configuration asks for: opened, and kept up with a journal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { type Catalogue as LedgerCatalogue } from '../adapters/postgres/explanation.ts';
import { startLedger } from '../adapters/postgres/start-ledger.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Config } from '../config.ts';
import { databaseServerOf } from '../database-settings.ts';
import { deploymentOf } from '../deployment.ts';
import { type Catalogue } from '../features/catalogue.ts';
import { type RunningLedger } from '../ports/ledger-store.ts';
import { type Log } from '../ports/log.ts';
import { createLedgerProjector, type LedgerProjector, type LedgerProjectorDeps, serverPace } from '../usecases/project-ledger.ts'; // prettier-ignore
import { placesOf } from './places.ts';

export interface ConfiguredLedger extends RunningLedger {
  /** Begins to keep it up with `journal`. */
  project(journal: LedgerProjectorDeps['journal']): LedgerProjector;
}

/** What the ledger knows of catalogues. */
export const ledgerNames = (catalogues: readonly Catalogue[]): readonly LedgerCatalogue[] =>
  catalogues.map(({ hash, features }) => ({ hash, names: features.map(({ name }) => name) }));

/** Undefined where none is kept: instances that share everything need a server for it. */
export function startConfiguredLedger(
  config: Config,
  catalogues: readonly Catalogue[],
  log: Log,
): ConfiguredLedger | undefined {
  const server = databaseServerOf(config);
  if (!config.ledger || (server === undefined && deploymentOf(config) === 'shared')) return undefined;
  const ledger = startLedger({ directory: join(config.dataDir, 'ledger'), server }, ledgerNames(catalogues), {
    isPatient: true,
    onNotice: (text) => log.warn({}, text),
  });
  return {
    ...ledger,
    project: (journal) =>
      createLedgerProjector(
        {
          journal,
          ledger: ledger.store,
          places: placesOf(config),
          clock: systemClock,
          pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined), // stopped
          onError: (error) => log.warn({ error }, 'ledger projection failed; trying again'),
        },
        server === undefined ? { cpuShare: config.ledgerCpuShare } : serverPace(config.ledgerCpuShare),
      ),
  };
}
