/** One kept-alive HTTP/1.1 connection that sends prepared bytes and times nothing: a client cheap enough to measure with. */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

export interface HttpConnection {
  /** Sends one request; the next may be sent only after `onReply` was called. Status 0 means the connection broke. */
  send(request: Buffer, onReply: (reply: Reply) => void): void;
  close(): void;
}

const HEADER_END = Buffer.from('\r\n\r\n');
/** Source: RFC 9112, section 7.1; trailers are not sent by this service. */
const CHUNKED = /transfer-encoding: *chunked/i;
const CONTENT_LENGTH = /content-length: *(\d+)/i;
/** "HTTP/1.1 " stands before the status code. */
const STATUS_OFFSET = 9;

/** The whole body that begins at `start`; undefined while some of it is still to come. */
function bodyOf(bytes: Buffer, start: number, head: string): Buffer | undefined {
  if (!CHUNKED.test(head)) {
    const end = start + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
    return bytes.length < end ? undefined : bytes.subarray(start, end);
  }
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

/** The bytes of a POST of JSON; built once per body, so sending costs one write. */
export function postBytes(
  host: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const type = headers['content-type'] === undefined ? 'content-type: application/json\r\n' : '';
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${type}${extra.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Where all connections read, one after the other: by itself each read of a socket gets 64 KiB of its own. */
const ARRIVED = Buffer.allocUnsafe(64 * 1024);

/** Opens a connection; it reconnects at the next `send` after a break. */
export function openConnection(host: string, port: number): HttpConnection {
  let socket: Socket | undefined;
  let pending: ((reply: Reply) => void) | undefined;
  let received: Buffer[] = [];

  const finish = (reply: Reply): void => {
    const answer = pending;
    pending = undefined;
    received = [];
    answer?.(reply);
  };

  const onData = (chunk: Buffer): void => {
    received.push(chunk);
    const bytes = received.length === 1 ? chunk : Buffer.concat(received);
    const headerEnd = bytes.indexOf(HEADER_END);
    if (headerEnd < 0) return;
    const head = bytes.toString('latin1', 0, headerEnd);
    const body = bodyOf(bytes, headerEnd + HEADER_END.length, head);
    if (body === undefined) return;
    finish({ status: Number(head.slice(STATUS_OFFSET, STATUS_OFFSET + 3)), body });
  };

  const open = (): Socket => {
    const callback = (length: number): boolean => {
      onData(Buffer.from(ARRIVED.subarray(0, length)));
      return true;
    };
    const fresh = connect({ host, port, noDelay: true, onread: { buffer: ARRIVED, callback } });
    fresh.on('error', () => undefined); // 'close' follows and tells the caller
    fresh.on('close', () => {
      if (socket === fresh) socket = undefined;
      finish({ status: 0, body: Buffer.alloc(0) });
    });
    return fresh;
  };

  return {
    send(request, onReply) {
      if (pending !== undefined) throw new Error('a request is still unanswered on this connection');
      pending = onReply;
      socket ??= open();
      socket.write(request);
    },
    close() {
      socket?.destroy();
      socket = undefined;
    },
  };
}
