/** Runs computation graphs that nothing here can read, one row at a time; the caller waits for each score. */
import { type OpenGraph } from '../learners/foreign-graph.ts';

export interface GraphRuntime {
  /** Its version; undefined when it is not installed. */
  readonly version: () => string | undefined;
  /** The command that installs it. */
  readonly install: string;
  /**
   * Throws GRAPH_FAILED when it is not installed or refuses the graph; what it returns throws so for a row without a
   * finite score. The same row has the same score, bit for bit, on the same machine and version.
   */
  readonly open: OpenGraph;
}
