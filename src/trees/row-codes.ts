/** Lays the codes of a table out row by row, where histograms are summed from; small features share a byte. */
import { type CodeTable, mostCodeBytes } from './code-table.ts';
import * as job from './job.ts';
import { type Team } from './team.ts';

/** Cells of a byte place: what one byte can tell apart. */
const BYTE_CELLS = 256;
/** Bytes of a cell: gradient and second derivative. */
const CELL_BYTES = 16;
/** Bytes from one byte place of an accumulator to the next; see kernels/histogram.ts. */
const BYTE_PLACE_BYTES = 4_160;

/** A feature within a place, and how many codes it has there. */
interface Member {
  readonly feature: number;
  readonly codes: number;
}

/** Features whose joint code fits one byte, or a single feature of any number of codes. */
interface Place {
  readonly members: Member[];
  cells: number;
}

/**
 * Puts features together, the largest first, wherever the product of their codes still fits a byte: one addition then
 * serves all of them, and their own sums follow from the joint ones, exactly.
 */
function placesOf(members: readonly Member[]): Place[] {
  const places: Place[] = [];
  for (const member of [...members].sort((a, b) => b.codes - a.codes || a.feature - b.feature)) {
    const place = places.find(({ cells }) => cells * member.codes <= BYTE_CELLS);
    if (place === undefined) places.push({ members: [member], cells: member.codes });
    else {
      place.members.push(member);
      place.cells *= member.codes;
    }
  }
  return places;
}

/** Bytes and areas that `layOutRows` reserves at most. */
export function rowCodesMemory(rows: number, features: number, maximumBins: number) {
  const feature = rows * mostCodeBytes(maximumBins) + job.PLACE_BYTES + job.MEMBER_BYTES;
  return { bytes: features * feature + 4, areas: 4 };
}

/** Bytes of an accumulator, at most. */
export const mostAccumulatorBytes = (features: number, mostCells: number): number =>
  features * Math.max(BYTE_PLACE_BYTES, CELL_BYTES * mostCells);

/** Lays out the codes and describes them to the kernels; returns the bytes of an accumulator. */
export function layOutRows(team: Team, table: CodeTable): number {
  const { arena } = team;
  const columnOf = (feature: number): number => arena.get(job.COLUMNS) + feature * job.COLUMN_BYTES;
  const members = table.informative.map((feature) => {
    const hasMissing = arena.get(columnOf(feature) + job.COLUMN_HAS_MISSING) === 1;
    return { feature, codes: table.cuts[feature]!.length + (hasMissing ? 2 : 1) };
  });
  const isByte = ({ feature }: Member): boolean => arena.get(columnOf(feature) + job.COLUMN_WIDTH) === 1;
  const bytePlaces = placesOf(members.filter(isByte));
  const wordPlaces = members
    .filter((member) => !isByte(member))
    .map((member) => ({ members: [member], cells: member.codes }));
  arena.set(job.BYTE_PLACES, bytePlaces.length);
  arena.set(job.WORD_PLACES, wordPlaces.length);
  // Four codes are read at once, also at the end of the last row.
  arena.set(job.BYTES, arena.reserve(table.rows * bytePlaces.length + 4));
  arena.set(job.WORDS, arena.reserve(2 * table.rows * wordPlaces.length));
  const accumulatorBytes = recordPlaces(team, bytePlaces, wordPlaces);
  team.run(job.JOB_INTERLEAVE);
  return accumulatorBytes;
}

function recordPlaces({ arena }: Team, bytePlaces: readonly Place[], wordPlaces: readonly Place[]): number {
  const places = [...bytePlaces, ...wordPlaces];
  const records = arena.reserve(places.length * job.PLACE_BYTES);
  const members = arena.reserve(places.reduce((sum, place) => sum + place.members.length, 0) * job.MEMBER_BYTES);
  arena.set(job.PLACES, records);
  arena.set(job.MEMBERS, members);
  let offset = 0;
  let first = 0;
  places.forEach((place, index) => {
    const record = records + index * job.PLACE_BYTES;
    arena.set(record + job.PLACE_OFFSET, offset);
    arena.set(record + job.PLACE_CELLS, place.cells);
    arena.set(record + job.PLACE_FIRST, first);
    arena.set(record + job.PLACE_COUNT, place.members.length);
    offset += index < bytePlaces.length ? BYTE_PLACE_BYTES : CELL_BYTES * place.cells;
    let factor = 1;
    for (const { feature, codes } of place.members) {
      const member = members + first++ * job.MEMBER_BYTES;
      arena.set(member + job.MEMBER_FEATURE, feature);
      arena.set(member + job.MEMBER_FACTOR, factor);
      arena.set(member + job.MEMBER_CODES, codes);
      factor *= codes;
    }
  });
  return offset;
}
