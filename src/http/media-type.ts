/** Which bodies the routes take: raw bytes of one media type, uncompressed UTF-8; our own decoders do the rest. */
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { SentinelError } from '../domain/errors.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)"?/i;

function checkEncoding(request: FastifyRequest, expected: string): void {
  const encoding = request.headers['content-encoding'];
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase();
  const readable = charset === undefined || charset === 'utf-8' || charset === 'utf8';
  if (readable && (encoding === undefined || encoding === 'identity')) return;
  throw new SentinelError('UNSUPPORTED_MEDIA_TYPE', { expected });
}

/** Gives handlers JSON bodies as a Buffer; every other media type is refused with 415. */
export function takeJsonBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      checkEncoding(request, 'application/json');
      done(null, body);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Gives handlers bodies of `mediaType` as the stream they come in. */
export function takeByteStream(server: FastifyInstance, mediaType: string): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(mediaType, (request, payload, done) => {
    try {
      checkEncoding(request, mediaType);
      done(null, payload);
    } catch (error) {
      done(error as Error);
    }
  });
}
