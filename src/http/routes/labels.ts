/** Labels that arrive late, one or many. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { createInTurn } from '../../usecases/in-turn.ts';
import { type LabelReceipt, type LabelRequest } from '../../usecases/record-label.ts';
import { readJson } from '../../wire/json-body.ts';
import { encodeLabelBatch, encodeLabelReceipt, readLabel, readLabelBatch } from '../../wire/label.ts';
import { type Edge } from '../edge.ts';
import { itemResults } from '../item-results.ts';
import { takeNoQuery } from '../query-of.ts';

export function addLabelRoute(server: FastifyInstance, edge: Edge): void {
  const { deps, decoder, gate } = edge;

  const read = (item: unknown, prefix: string): LabelRequest => readLabel(item, prefix, decoder.protect);

  /** Labels of one payment are recorded one after the other, so that the latest is the last of them. */
  const recordMany = async (items: readonly unknown[], request: FastifyRequest): Promise<string> => {
    const inTurn = createInTurn({ goesOnAfterFailure: true });
    const record = async (item: unknown, index: number): Promise<LabelReceipt> => {
      const label = read(item, `labels[${index}].`);
      return inTurn(label.transactionId, () => deps.recordLabel(label));
    };
    return encodeLabelBatch(itemResults(await Promise.allSettled(items.map(record)), request, edge));
  };

  edge.route(
    server,
    'POST /api/v1/labels',
    async (request, reply) => {
      takeNoQuery(request);
      const { value } = readJson(request.body as Buffer | undefined);
      const items = readLabelBatch(value);
      const labels = items?.length ?? 1;
      gate.limit(request.caller, labels);
      gate.enter(labels);
      try {
        const answer =
          items === undefined
            ? encodeLabelReceipt(await deps.recordLabel(read(value, '')))
            : await recordMany(items, request);
        return edge.send(request, reply, answer);
      } finally {
        gate.leave(labels);
      }
    },
    { bodyLimit: deps.limits.batchBytes },
  );
}
