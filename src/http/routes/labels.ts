/** Labels that arrive late, one or many. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type LabelReceipt } from '../../usecases/record-label.ts';
import { readJson } from '../../wire/json-body.ts';
import { encodeLabelBatch, encodeLabelReceipt, readLabel, readLabelBatch } from '../../wire/label.ts';
import { type Edge } from '../edge.ts';

export function addLabelRoute(server: FastifyInstance, edge: Edge): void {
  const { deps, decoder, gate } = edge;

  const record = async (item: unknown, prefix: string): Promise<LabelReceipt> =>
    deps.recordLabel(readLabel(item, prefix, decoder.protect));

  const recordMany = async (items: readonly unknown[], request: FastifyRequest): Promise<string> => {
    const settled = await Promise.allSettled(items.map((item, index) => record(item, `labels[${index}].`)));
    const results = settled.map((item) =>
      item.status === 'fulfilled' ? item.value : edge.problemOf(item.reason, request),
    );
    return encodeLabelBatch(results);
  };

  edge.route(
    server,
    'POST /api/v1/labels',
    async (request, reply) => {
      const { value } = readJson(request.body as Buffer | undefined);
      const items = readLabelBatch(value);
      const labels = items?.length ?? 1;
      gate.limit(request.caller, labels);
      gate.enter(labels);
      try {
        const answer =
          items === undefined ? encodeLabelReceipt(await record(value, '')) : await recordMany(items, request);
        return edge.send(request, reply, answer);
      } finally {
        gate.leave(labels);
      }
    },
    { bodyLimit: deps.limits.batchBytes },
  );
}
