/** Single steps of the tree engine's kernels, for tests that look at one of them. */
import { memoryFor } from '../../src/trees/arena.ts';
import { openBoostingTeam } from '../../src/trees/boost.ts';
import { codeTable, codeTableMemory } from '../../src/trees/code-table.ts';
import { COLUMN_BYTES, COLUMN_CODES, COLUMN_WIDTH, COLUMNS } from '../../src/trees/job.ts';
import { type BoostingParameters, boostingParameters } from '../../src/trees/params.ts';
import { createRounds, type Rounds } from '../../src/trees/rounds.ts';
import { openTeam, type Team } from '../../src/trees/team.ts';

const WAIT_MS = 5;

/** The team, once all of its threads have started. */
export async function full(team: Team): Promise<Team> {
  while (team.threads() < team.mostThreads) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  return team;
}

/** Cuts and codes of columns. */
export function binned(columns: readonly Float64Array[], maximumBins: number) {
  const { bytes, areas } = codeTableMemory(columns[0]!.length, columns.length, maximumBins, 1);
  const team = openTeam(1, memoryFor(bytes, areas));
  const { cuts, rows } = codeTable(team, columns, maximumBins);
  const codes = columns.map((_, feature) => {
    const record = team.arena.get(COLUMNS) + feature * COLUMN_BYTES;
    const address = team.arena.get(record + COLUMN_CODES);
    const narrow = team.arena.get(record + COLUMN_WIDTH) === 1;
    return narrow ? team.arena.bytes(address, rows) : team.arena.words(address, rows);
  });
  return { cuts, codes };
}

/** Rounds on these rows, of weight 1 unless told. */
export function roundsOf(
  columns: readonly Float64Array[],
  labels: Uint8Array,
  given: Partial<BoostingParameters>,
  weights = new Float64Array(labels.length).fill(1),
  histogramBudgetBytes?: number,
): Rounds {
  const parameters = boostingParameters(given);
  const team = openBoostingTeam(labels.length, columns.length, parameters, 1);
  return createRounds(
    team,
    codeTable(team, columns, parameters.maximumBins),
    { labels, weights },
    parameters,
    histogramBudgetBytes,
  );
}
