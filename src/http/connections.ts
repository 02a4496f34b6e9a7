/** The connections of a server: no client can hold it open, and none that has only closed its own side is cut off. */
import { type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** One to accept a connection, one to read what came with it, and one because the first may be half over. */
const TURNS_OF_WHAT_CAME = 3;

/** Resolves when all that had come to this machine before has been read: closing an unread connection would reset it. */
export async function readWhatCame(): Promise<void> {
  for (let turn = 0; turn < TURNS_OF_WHAT_CAME; turn++) await setImmediate();
}

/**
 * Answers what came whole also where the client closed its side behind it: Node closes the other side then, and the answer
 * of a payment that was decided would be lost. Source: Node.js, lib/_http_server.js, socketOnEnd.
 */
export function answerHalfClosed(server: Server): void {
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
}

export interface Connections {
  /** Cuts off those on which nothing has ever come now, and those that are still open after `graceMs`. */
  end(graceMs: number): void;
}

/** Not left to the server's own `closeAllConnections`: it knows none whose TLS handshake is not over. */
export function followConnections(server: Server): Connections {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    end(graceMs) {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      const timer = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, graceMs);
      server.once('close', () => clearTimeout(timer));
    },
  };
}
