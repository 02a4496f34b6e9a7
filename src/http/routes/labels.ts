/** Labels that arrive late, one or many. */
import { type FastifyInstance } from 'fastify';
import { type LabelReceipt } from '../../usecases/record-label.ts';
import { readJson } from '../../wire/json-body.ts';
import { encodeLabelBatch, encodeLabelReceipt, readLabel, readLabelBatch } from '../../wire/label.ts';
import { type Edge } from '../edge.ts';

export function addLabelRoute(server: FastifyInstance, edge: Edge): void {
  const { deps, decoder, gate } = edge;

  edge.route(
    server,
    'POST /api/v1/labels',
    async (request, reply) => {
      const { value } = readJson(request.body as Buffer | undefined);
      const items = readLabelBatch(value);
      gate.limit(request.caller, items?.length ?? 1);
      if (items === undefined) {
        const receipt = await deps.recordLabel(readLabel(value, '', decoder.protect));
        return edge.send(request, reply, encodeLabelReceipt(receipt));
      }
      const record = async (item: unknown, index: number): Promise<LabelReceipt> =>
        deps.recordLabel(readLabel(item, `labels[${index}].`, decoder.protect));
      const settled = await Promise.allSettled(items.map(record));
      const results = settled.map((item) =>
        item.status === 'fulfilled' ? item.value : edge.problemOf(item.reason, request),
      );
      return edge.send(request, reply, encodeLabelBatch(results));
    },
    { bodyLimit: deps.limits.batchBytes },
  );
}
