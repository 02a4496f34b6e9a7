/** Answers what never became a request: a broken request line, header or body. */
import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { SentinelError } from '../domain/errors.ts';
import { PROBLEM_TYPE, toProblem } from '../wire/problem.ts';
import { STATUS_OF } from './errors.ts';

/** What is wrong, by the code of the error. Source: Node.js, http, Event 'clientError'; llhttp, error codes. */
const PROBLEMS: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', 'the headers are too long'],
  ['HPE_INVALID_EOF_STATE', 'it breaks off'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'it did not come in time'],
]);

/** Status of an expectation that is not met. Source: RFC 9110, section 15.5.18. */
const EXPECTATION_FAILED = 417;

/** What is wrong with a request that names no host, of a protocol in which it must. Source: RFC 9112, section 3.2. */
export function missingHost({ headers, httpVersion }: IncomingMessage): SentinelError | undefined {
  if (headers.host !== undefined || httpVersion === '1.0') return undefined;
  return new SentinelError('MALFORMED_REQUEST', { problem: 'the header Host is missing' });
}

/** Answers a request that expects what is not known, which Node refuses without a word. */
export function refuseExpectations(server: Server): void {
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const problem = 'the header Expect names what is not known; 100-continue is';
    const body = JSON.stringify(toProblem(new SentinelError('MALFORMED_REQUEST', { problem }), EXPECTATION_FAILED));
    // What follows may be a body or not: the connection cannot be used again.
    const headers = { 'Content-Type': PROBLEM_TYPE, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
    response.writeHead(EXPECTATION_FAILED, headers).end(body);
  });
}

/** The first answer that is still to be given on a connection, as Node itself asks before it answers such an error. */
const answerUnderWay = (socket: Socket): ServerResponse | undefined =>
  (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;

function refuse(socket: Socket, code: string | undefined): void {
  const problem = PROBLEMS.get(code) ?? 'it cannot be parsed';
  const body = JSON.stringify(toProblem(new SentinelError('MALFORMED_REQUEST', { problem }), STATUS_OF.malformed));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

/**
 * Ends the connection with a problem. Requests that came whole before are answered first: theirs would be taken for it,
 * and a payment that was decided for one that was refused. Into an answer that has begun nothing can be put.
 */
export function createBrokenRequestHandler(): (error: NodeJS.ErrnoException, socket: Socket) => void {
  /** An error is told again with every piece that comes behind it. */
  const waiting = new WeakSet<Socket>();

  const atItsTurn = (code: string | undefined, socket: Socket): void => {
    if (!socket.writable) return;
    const answer = answerUnderWay(socket);
    if (answer?.req.complete === true) answer.once('finish', () => atItsTurn(code, socket));
    else if (answer?.headersSent === true) socket.destroy();
    else refuse(socket, code);
  };

  return ({ code }, socket) => {
    if (code === 'ECONNRESET' || waiting.has(socket)) return;
    waiting.add(socket);
    atItsTurn(code, socket);
  };
}
