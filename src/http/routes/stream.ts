/** NDJSON of payments in, NDJSON of decisions out, in the same order, no faster than the reader reads. */
import { PassThrough, type Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { SentinelError } from '../../domain/errors.ts';
import { encodeAnswer } from '../../wire/decision.ts';
import { readJson } from '../../wire/json-body.ts';
import { createLineSplitter, type Line, NDJSON_TYPE } from '../../wire/ndjson.ts';
import { carryHeaders, type Edge, hasGoneAway } from '../edge.ts';
import { createOrderedOutput } from '../ordered-output.ts';
import { takeNoQuery } from '../query-of.ts';

/** How long to wait for room or for a token before looking again. */
const RETRY_MS = 2;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

export function addStreamRoute(server: FastifyInstance, edge: Edge): void {
  const { gate, decoder, deps } = edge;
  const { limits } = deps;

  const answerLine = async (line: Line, request: FastifyRequest): Promise<string> => {
    try {
      if (line.bytes === undefined) throw new SentinelError('BODY_TOO_LARGE', { limit: limits.lineBytes });
      const { value, escaped } = readJson(line.bytes);
      const payment = decoder.decode(value, { escaped, prefix: '' });
      return `${encodeAnswer(await deps.answerPayment(payment))}\n`;
    } catch (error) {
      return failedLine(line.number, error, request);
    } finally {
      gate.leave(1);
    }
  };

  const failedLine = (line: number, error: unknown, request: FastifyRequest): string =>
    `${JSON.stringify({ line, error: edge.problemOf(error, request) })}\n`;

  const answerAll = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const input = request.body as Readable;
    const chunks = new PassThrough();
    input.pipe(chunks);
    input.once('error', (error) => chunks.destroy(error));
    const output = createOrderedOutput(reply.raw, limits.streamWindow);
    const splitter = createLineSplitter(limits.lineBytes);
    let isCut = false;
    const stop = gate.onClose(() => {
      if (request.raw.complete) return; // nothing more comes
      isCut = true;
      input.unpipe(chunks);
      chunks.end();
    });
    const take = async (line: Line): Promise<void> => {
      if (!output.hasRoom()) await output.room();
      while (!reply.raw.destroyed && !gate.tryAdmit(request.caller)) await pause();
      if (!reply.raw.destroyed) output.put(answerLine(line, request));
    };
    let last = 0;
    try {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        for (const line of splitter.push(chunk)) await take({ ...line, number: (last = line.number) });
      }
      if (!isCut) for (const line of splitter.end()) await take(line);
    } catch (error) {
      if (!hasGoneAway(error, request)) deps.log.error({ request: request.id, error }, 'Stream broken off');
    } finally {
      stop();
    }
    if (isCut) output.put(Promise.resolve(failedLine(last + 1, new SentinelError('SHUTTING_DOWN'), request)));
    await output.finished();
  };

  edge.route(
    server,
    'POST /api/v1/predict/stream',
    async (request, reply) => {
      takeNoQuery(request);
      if (request.body === undefined || request.body === null) {
        throw new SentinelError('INVALID_JSON', { problem: 'the body is empty' });
      }
      reply.hijack();
      carryHeaders(reply);
      reply.raw.writeHead(200, {
        'Content-Type': NDJSON_TYPE,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
      await answerAll(request, reply);
      // What is left of the body is not read any more, so the connection cannot be used again.
      reply.raw.end(() => gate.isClosing && request.raw.socket.destroySoon());
    },
    { bodyLimit: Number.MAX_SAFE_INTEGER, config: { mediaType: NDJSON_TYPE } },
  );
}
