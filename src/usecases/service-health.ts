/** How the service is: every part checked, not assumed. */

/** degraded: works, but late or in part; disabled: not configured. */
export type PartStatus = 'connected' | 'degraded' | 'disconnected' | 'disabled';

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** Version of the model in service; absent when none is loaded. */
  readonly modelVersion?: string;
  /** The profile store. */
  readonly cache: PartStatus;
  /** The ledger. */
  readonly database: PartStatus;
  /** The journal. */
  readonly stream: PartStatus;
  readonly uptimeMs: number;
  readonly checkedMs: number;
}

/** Whether payments are taken. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not; 'ready' when ready. */
  readonly reason: string;
}

/** How the parts stand that payments need. */
export interface Standing {
  readonly cache: PartStatus;
  readonly stream: PartStatus;
  /** Why payments are refused; absent while they are taken. */
  readonly refusal?: string;
}
