/** Folded states of the journal, kept so that a start replays only what came after. */

/** What a state was folded from and with; another engine, catalogue or chain makes it worthless. */
export interface SnapshotHeader {
  /** `seq` of the last record folded in. */
  readonly seq: number;
  /** MAC of the block that ends with it, hex. */
  readonly mac: string;
  readonly catalogueHash: string;
  readonly engineHash: string;
  /** What was in force at `seq`: model, policy, lists, tables and whatever else the fold pins. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where the journal is read on from, in its own words; absent where `seq` says it. */
  readonly place?: string;
}

export interface Snapshot extends SnapshotHeader {
  readonly payload: Uint8Array;
}

export interface SnapshotStore {
  /**
   * Keeps the snapshot whole or not at all; durable on return. Older ones beyond the store's number go, and those of a
   * higher seq: the journal was put back since.
   */
  write(snapshot: Snapshot): Promise<void>;
  /**
   * The newest snapshot that is whole and that `refuse` gives no reason against; undefined when there is none, which
   * means a full replay. Each one passed over is told to the store's owner with the reason.
   */
  newest(
    refuse: (header: SnapshotHeader) => string | undefined | Promise<string | undefined>,
  ): Promise<Snapshot | undefined>;
}
