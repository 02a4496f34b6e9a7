/** The ledger where the configuration puts it: on a server, or else embedded. */
import { type RunningLedger } from '../../ports/ledger-store.ts';
import { startEmbeddedLedger } from './embedded-ledger.ts';
import { type Catalogue } from './explanation.ts';
import { type LedgerLineOptions } from './ledger-line.ts';
import { type ServerSettings } from './open-server.ts';
import { startServerLedger } from './server-ledger.ts';

export interface LedgerPlace {
  readonly server: ServerSettings | undefined;
  /** Of the embedded one. */
  readonly directory: string;
}

export interface LedgerStart extends Pick<LedgerLineOptions, 'onNotice'> {
  /** Waits for a server that is out of reach, or for room on the disk, instead of giving up. */
  readonly isPatient: boolean;
}

export function startLedger(
  place: LedgerPlace,
  catalogues: readonly Catalogue[],
  { isPatient, ...options }: LedgerStart,
): RunningLedger {
  const { server, directory } = place;
  if (server === undefined) return startEmbeddedLedger({ directory, catalogues }, { ...options, isPatient });
  return startServerLedger({ server, catalogues, isPatient }, options);
}
