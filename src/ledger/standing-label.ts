/** Which of several labels of a payment stands, whatever the order they become known in. */
import { type Label, labelInForce } from '../domain/label.ts';

/** A label at its place in the global order. */
export interface PlacedLabel {
  readonly seq: number;
  readonly label: Label;
}

/** The one of two in force: as `labelInForce` has it when they arrive in the order of their `seq`. */
export function standingLabel(known: PlacedLabel | undefined, other: PlacedLabel): PlacedLabel {
  if (known === undefined) return other;
  const [earlier, later] = known.seq < other.seq ? [known, other] : [other, known];
  return labelInForce(earlier.label, later.label) === later.label ? later : earlier;
}
