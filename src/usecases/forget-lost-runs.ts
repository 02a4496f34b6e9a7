/** What is known of a server that lost runs: it began anew at the same address, or was restored from an older backup. */
import { type ServerState, type TrackingServer } from '../ports/tracking-server.ts';

/**
 * The state without the runs that the server has no more, so that they are sent again; and without what was agreed, which
 * such a server does not know either: its stages of before must not be taken for changes made there. Looks from the run
 * sent last backwards until the server has one. Rejects with TRACKING_UNAVAILABLE when the server is.
 */
export async function forgetLostRuns(server: TrackingServer, state: ServerState): Promise<ServerState> {
  const lost = new Set<string>();
  for (const [id, { run }] of Object.entries(state.runs).reverse()) {
    if (await server.hasRun(run)) break;
    lost.add(id);
  }
  if (lost.size === 0) return state;
  return { runs: Object.fromEntries(Object.entries(state.runs).filter(([id]) => !lost.has(id))) };
}
