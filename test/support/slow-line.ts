/** A TCP line to a server that can be made slow, or be cut for good after so many messages. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface SlowLine {
  readonly uri: string;
  /** What each message of the client waits before it goes on, milliseconds. */
  delayMs: number;
  /** Messages of clients that still go through; Infinity for all. */
  messagesLeft: number;
  close(): Promise<void>;
}

export async function aSlowLine(target: string): Promise<SlowLine> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const far = connect(Number(port), hostname);
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        far.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (line.messagesLeft-- <= 0) {
        client.destroy();
        return;
      }
      setTimeout(() => far.write(bytes), line.delayMs);
    });
    far.on('data', (bytes) => client.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const line: SlowLine = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delayMs: 0,
    messagesLeft: Infinity,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return line;
}
