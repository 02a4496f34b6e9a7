/** A linear stack: the weighted sum of its members' margins, itself a model with exact contributions. */
import { packDoubles, readCount, readFiniteDoubles, readList, readNumber } from './fields.ts';
import { type Model, type ModelDocument } from './protocol.ts';

/** All members read the same raw vectors. */
export function createStack(members: readonly Model[], weights: readonly number[], intercept: number): Model {
  const featureCount = members[0]?.featureCount ?? 0;
  if (members.length === 0 || members.length !== weights.length) {
    throw new RangeError(`invalid stack: ${members.length} members and ${weights.length} weights`);
  }
  if (members.some((member) => member.featureCount !== featureCount)) {
    throw new RangeError('invalid stack: its members read different numbers of features');
  }
  // A member of weight 0 is kept in the document but costs nothing.
  const active = members.flatMap((member, index) =>
    weights[index] === 0 ? [] : [{ member, weight: weights[index]! }],
  );
  return {
    kind: 'stack',
    featureCount,
    ...(active.some(({ member }) => member.isUnexplained) && { isUnexplained: true }),
    margin: (row, offset = 0) =>
      active.reduce((sum, { member, weight }) => sum + weight * member.margin(row, offset), intercept),
    addContributions: (row, out, weight) =>
      active.reduce(
        (expected, part) => expected + part.member.addContributions(row, out, weight * part.weight),
        weight * intercept,
      ),
    importance: () => importance(active, featureCount),
    toDocument: () => ({
      kind: 'stack',
      featureCount,
      intercept,
      weights: packDoubles(weights),
      members: members.map((member) => member.toDocument()),
    }),
  };
}

/** Shares of each member's importance, weighted: members measure it in units of their own. */
function importance(
  active: readonly { readonly member: Model; readonly weight: number }[],
  featureCount: number,
): Float64Array {
  const total = new Float64Array(featureCount);
  for (const { member, weight } of active) {
    const own = member.importance();
    const sum = own.reduce((all, value) => all + value, 0) || 1;
    own.forEach((value, feature) => {
      total[feature] = total[feature]! + (weight * value) / sum;
    });
  }
  return total;
}

/** The stack of a document; `read` makes its members. */
export function stackFromDocument(document: ModelDocument, read: (member: unknown) => Model): Model {
  const members = readList(document, 'members').map(read);
  const weights = readFiniteDoubles(document, 'weights', members.length);
  const stack = createStack(members, Array.from(weights), readNumber(document, 'intercept'));
  if (stack.featureCount !== readCount(document, 'featureCount')) {
    throw new Error('damaged model document: members read another number of features than the stack');
  }
  return stack;
}
